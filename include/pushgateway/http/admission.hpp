#pragma once

/// \file
/// How far the gate has come with the request of a connection.

#include <algorithm>
#include <cstdint>
#include <exception>
#include <optional>
#include <utility>

#include <pushgateway/http/gate.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/service.hpp>

namespace pushgateway::http::detail {

/// Shows a request to the gate of a server, if it has one, and keeps what the gate says. Not thread-safe.
class admission {
public:
    /// `of` must outlive the object.
    explicit admission(service const& of) noexcept : service_(&of) {}

    /// Shows a head to the gate, unless that has been done.
    void show(request const& head) noexcept {
        if (state_ != state::unseen) return;
        auto const& gate = service_->options.gate;
        if (!gate) {
            state_ = state::admitted;
            return;
        }
        take([&] { return gate->glance(head); });
    }

    /// Lets the gate decide what it could not decide at a glance. To be called where that may take its time.
    void judge(request const& head) noexcept {
        take([&] { return std::optional(service_->options.gate->judge(head)); });
    }

    [[nodiscard]] bool to_be_judged() const noexcept { return state_ == state::to_be_judged; }
    [[nodiscard]] bool admitted() const noexcept { return state_ == state::admitted; }
    [[nodiscard]] bool refused() const noexcept { return state_ == state::refused; }

    /// The answer to a refused request. Once.
    [[nodiscard]] response take_refusal() noexcept { return *std::exchange(verdict_.refusal, std::nullopt); }

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

    /// Makes ready for the next request.
    void next() noexcept { state_ = state::unseen; }

private:
    enum class state : std::uint8_t { unseen, to_be_judged, admitted, refused };

    template <class Ask>
    void take(Ask const& ask) noexcept {
        try {
            std::optional<verdict> said = ask();
            if (!said) {
                state_ = state::to_be_judged;
                return;
            }
            verdict_ = *std::move(said);
        } catch (std::exception const& e) {
            service_->tell_failure(e.what());
            verdict_ = verdict(service::failure_response());
        } catch (...) {
            service_->tell_failure("unknown");
            verdict_ = verdict(service::failure_response());
        }
        state_ = verdict_.refusal ? state::refused : state::admitted;
    }

    service const* service_;
    verdict verdict_;
    state state_ = state::unseen;
};

}  // namespace pushgateway::http::detail
