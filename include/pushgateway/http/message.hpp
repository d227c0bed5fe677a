#pragma once

/// \file
/// An HTTP request as it was read, and a response as it is to be written: plain values, no sockets.

#include <algorithm>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace pushgateway::http {

/// One header field. Names compare without regard to ASCII case.
struct field {
    std::string name;
    std::string value;
};

/// Equality of ASCII strings without regard to case, as RFC 9110 compares field names and many tokens.
[[nodiscard]] constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    constexpr auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

/// A complete request, its transfer coding already removed.
struct request {
    std::string method;
    std::string target;         ///< path and query as sent, still percent-encoded; or `*`
    int minor_version = 1;      ///< HTTP/1.x
    std::vector<field> fields;  ///< in the order sent
    std::string body;
    std::string remote;  ///< "address:port" of the peer, for logs; empty in process
    /// When it began to wait for a worker, if it did: what is made later is new enough for its answer.
    std::chrono::steady_clock::time_point received = std::chrono::steady_clock::time_point::max();

    /// The value of the first field of that name, or an empty view.
    [[nodiscard]] std::string_view header(std::string_view name) const noexcept {
        for (auto const& f : fields) {
            if (equal_ignoring_case(f.name, name)) return f.value;
        }
        return {};
    }
};

/// A body that is made while it is sent, so that neither its size in memory nor the time to make it is a burden at
/// once.
class body_source {
public:
    virtual ~body_source() = default;
    /// Replaces `out` by the next piece (some tens of kilobytes); false when there is none left. What it
    /// throws ends the response where it is, and its client sees that it is not whole.
    virtual bool next(std::string& out) = 0;
};

class later_response;

/// A response. The server adds `Date`, the framing and `Connection`.
struct response {
    int status = 200;
    std::vector<field> fields;
    std::string body;
    std::unique_ptr<body_source> stream;    ///< if set, sent instead of `body`, chunked
    bool logged = false;                    ///< the log knows of it
    std::shared_ptr<later_response> later;  ///< if set, this is not the response yet: it will come by this

    response() = default;
    response(int s, std::string b) : status(s), body(std::move(b)) {}

    response& set(std::string name, std::string value) {
        fields.push_back({std::move(name), std::move(value)});
        return *this;
    }
};

/// A response that somebody waits for and somebody else will give, each once, by any thread.
class later_response {
public:
    /// Gives it: to who waits, who is called by this thread, or to who comes to wait.
    void give(response what) {
        std::unique_lock lock(mutex_);
        if (!receive_) {
            given_ = std::move(what);
            return;
        }
        auto const receive = std::move(receive_);
        lock.unlock();
        receive(std::move(what));
    }

    /// Has `receive` called with the response: at once if it is there.
    void receive(std::function<void(response)> receive) {
        std::unique_lock lock(mutex_);
        if (!given_) {
            receive_ = std::move(receive);
            return;
        }
        auto what = *std::move(given_);
        lock.unlock();
        receive(std::move(what));
    }

    /// The response, if it is there; then nobody may wait for it any more.
    [[nodiscard]] std::optional<response> take() {
        std::scoped_lock const lock(mutex_);
        return std::exchange(given_, std::nullopt);
    }

private:
    std::mutex mutex_;
    std::optional<response> given_;
    std::function<void(response)> receive_;
};

/// Waits for a response that comes later; for who calls a handler without a server.
[[nodiscard]] inline response settled(response out) {
    if (!out.later) return out;
    std::promise<response> arrived;
    auto const later = std::move(out.later);
    later->receive([&arrived](response what) { arrived.set_value(std::move(what)); });
    return arrived.get_future().get();
}

}  // namespace pushgateway::http
