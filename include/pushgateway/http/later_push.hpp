#pragma once

/// \file
/// Changes that are answered when the gateway's journal has kept them.

#include <memory>
#include <new>
#include <string_view>
#include <utility>

#include <pushgateway/base/error.hpp>
#include <pushgateway/http/answers.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/store/journal_record.hpp>

namespace pushgateway::http {

/// True for a gateway with a journal, whose changes are told by a completion.
template <class Gateway>
inline constexpr bool keeps_changes = requires { requires Gateway::keeps; };

/// A gateway for one request: what returns there is told by `done` here. Has what pushes and deletions use.
template <class Gateway>
class completing_gateway {
public:
    completing_gateway(Gateway& gateway, store::completion done) : gateway_(gateway), done_(std::move(done)) {}

    template <class... Arguments>
    result<> push(Arguments const&... arguments) {
        begun_ = true;
        try {
            gateway_.push(arguments..., std::move(done_));
        } catch (std::bad_alloc const&) {
            // While it was read: nobody will hear of it.
            begun_ = false;
            throw;
        }
        return {};
    }
    template <class Key>
    bool erase(Key const& key) {
        begun_ = true;
        return gateway_.erase(key, std::move(done_));
    }
    void wipe() {
        begun_ = true;
        gateway_.wipe(std::move(done_));
    }
    [[nodiscard]] bool checks_consistency() const noexcept { return gateway_.checks_consistency(); }
    [[nodiscard]] auto const& usage() const noexcept { return gateway_.usage(); }
    [[nodiscard]] auto names() const noexcept { return gateway_.names(); }
    [[nodiscard]] bool lenient() const noexcept { return gateway_.lenient(); }

    /// True if `done` is called, or was. Otherwise what the function returned that was given this counts.
    [[nodiscard]] bool begun() const noexcept { return begun_; }

private:
    Gateway& gateway_;
    store::completion done_;
    bool begun_ = false;
};

/// What `later` has given already, or else the promise of it.
[[nodiscard]] inline response response_of(std::shared_ptr<later_response> later) {
    if (auto now = later->take()) return *std::move(now);
    response out;
    out.later = std::move(later);
    return out;
}

}  // namespace pushgateway::http
