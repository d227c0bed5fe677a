#pragma once

/// \file
/// How far the gate has come with the request of a connection.

#include <algorithm>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <pushgateway/http/event_loop.hpp>
#include <pushgateway/http/gate.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/own_answers.hpp>

namespace pushgateway::http::detail {

/// Asks the gate about one request after the other. Without a gate all are admitted.
class admission {
public:
    explicit admission(service& s) noexcept : shared_(s) {}

    /// Forgets a request that was answered.
    void next() noexcept { stage_ = stage::unseen; }

    [[nodiscard]] bool unseen() const noexcept { return stage_ == stage::unseen; }
    [[nodiscard]] bool to_be_judged() const noexcept { return stage_ == stage::to_be_judged; }
    [[nodiscard]] bool admitted() const noexcept { return stage_ == stage::admitted; }
    [[nodiscard]] bool refused() const noexcept { return stage_ == stage::refused; }

    /// What the gate says at once.
    void show(request const& head) noexcept {
        auto const& gate = shared_.options.gate;
        if (!gate) {
            stage_ = stage::admitted;
            return;
        }
        take_verdict([&] { return gate->glance(head); });
    }

    /// What it says when it has to think. Not on an I/O thread.
    void judge(request const& head) noexcept {
        take_verdict([&] { return std::optional(shared_.options.gate->judge(head)); });
    }

    /// The answer to a request that is refused; once.
    [[nodiscard]] response take_refusal() { return *std::exchange(verdict_.refusal, std::nullopt); }

    /// Adds the gate's fields, except those that the response has.
    void add_fields(response& out) {
        if (!verdict_.fields) return;
        auto const fields = std::exchange(verdict_.fields, nullptr);
        for (auto const& added : *fields) {
            bool const there = std::ranges::any_of(
                out.fields, [&](field const& f) { return equal_ignoring_case(f.name, added.name); });
            if (!there) out.fields.push_back(added);
        }
    }

private:
    enum class stage : std::uint8_t { unseen, to_be_judged, admitted, refused };

    /// Asks the gate for a verdict, which may be that it has none yet.
    template <class Ask>
    void take_verdict(Ask const& ask) noexcept {
        try {
            std::optional<verdict> said = ask();
            if (!said) {
                stage_ = stage::to_be_judged;
                return;
            }
            verdict_ = *std::move(said);
        } catch (std::exception const& e) {
            shared_.warn_of_failure(e.what());
            verdict_ = verdict(failure_response());
        } catch (...) {
            shared_.warn_of_failure("unknown");
            verdict_ = verdict(failure_response());
        }
        stage_ = verdict_.refusal ? stage::refused : stage::admitted;
    }

    service& shared_;
    verdict verdict_;
    stage stage_ = stage::unseen;
};

}  // namespace pushgateway::http::detail
