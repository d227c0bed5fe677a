#pragma once

/// \file
/// The requests of a connection, one after the other: what is to be done next for each, and why one is refused. No
/// socket, clock or thread in it.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/release.hpp>
#include <pushgateway/http/admission.hpp>
#include <pushgateway/http/framing.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/overload.hpp>
#include <pushgateway/http/request_parser.hpp>
#include <pushgateway/http/request_share.hpp>
#include <pushgateway/http/service.hpp>
#include <pushgateway/http/work_class.hpp>

namespace pushgateway::http::detail {

/// What a connection does next.
enum class step : std::uint8_t {
    read,       ///< reads more of the request
    go_on,      ///< sends `100 Continue`, for which the client waits, and goes on
    authorize,  ///< calls `exchange::authorize` where that may take its time
    answer,     ///< answers: the request is there as a whole, or it is refused
    close,      ///< ends: it is between two requests, and no other one is wanted
};

/// The state of a request from its first byte to its answer. The bytes may come in pieces of any size.
///
/// `feed` what arrives and do what `next` says, until that is `step::answer`. Then send `take_refusal` if it is
/// `refused`, or else what the handler says, and call `next_request`. Not thread-safe.
class exchange {
public:
    /// `parser` and `of` must outlive the object. `spare`: the connection is beyond the limit, and only a probe or a
    /// scrape is answered.
    exchange(service const& of, request_parser& parser) noexcept
        : service_(of),
          parser_(parser),
          body_share_(*of.options.usage, of.options.limits.memory),
          head_share_(*of.options.usage),
          admission_(of) {}
    exchange(exchange const&) = delete;
    exchange& operator=(exchange const&) = delete;

    /// From now on only a probe or a scrape is answered: there are too many connections.
    void answer_only_vital() noexcept { only_vital_ = true; }

    /// Reads bytes of the request, and returns how many; the others belong to the next one.
    std::size_t feed(std::string_view bytes) {
        auto const used = parser_.feed(bytes);
        look_at_head();
        return used;
    }

    /// What is to be done next. `more`: another request is wanted when this one is answered.
    [[nodiscard]] step next(bool more) {
        if (answerable()) return step::answer;
        if (admission_.to_be_judged()) return step::authorize;
        if (parser_.idle()) return more ? step::read : step::close;
        if (parser_.in_body() && !body_share_.cover(request().body.size(), parser_.body_size())) {
            refuse(too_many_bodies(usage()));
        } else if (!head_share_.cover(parser_.head_size())) {
            refuse(too_many_heads(usage()));
        }
        if (parser_.failed()) return step::answer;
        if (!parser_.expects_continue()) return step::read;
        parser_.continued();
        return step::go_on;
    }

    /// True if more bytes may be fed before `next` is asked again.
    [[nodiscard]] bool reads_on() const noexcept { return !answerable() && !admission_.to_be_judged(); }

    /// Has the gate decide what it could not decide at a glance.
    void authorize() noexcept { admission_.judge(request()); }

    /// Refuses the request, and forgets what was read of it.
    void refuse(refusal why) {
        parser_.abandon(std::move(why));
        forget();
    }

    /// True if the request is not one for the handler.
    [[nodiscard]] bool refused() const noexcept { return parser_.failed() || admission_.refused(); }

    /// The answer to a request that is refused, which is counted and told. Once.
    [[nodiscard]] response take_refusal() {
        if (!parser_.failed()) return admission_.take_refusal();
        forget();
        auto const& why = parser_.failure();
        if (why.limit) usage().count_rejection(*why.limit);
        auto out = refusal_response(why);
        service_.tell_refusal(request(), out.status, why.text);
        return out;
    }

    /// What kind of work the answer is. Reserves the memory that it takes when it is not made at once; if there is not
    /// so much, the request is refused.
    [[nodiscard]] work_class begin_answer() {
        auto const what = refused() ? work_class::immediate : service_.class_of(request());
        if (what != work_class::immediate && !body_share_.cover(request().body.size(), 0)) {
            refuse(too_many_bodies(usage()));
        }
        return what;
    }

    /// To be called when the handler does not need the body any more. Gives back what it takes, if that is much.
    void release_body() noexcept {
        if (!body_share_.any()) return;
        release(request().body);
        body_share_.give_back();
    }

    /// Adds what the gate wants to have in every answer, and decides how `out` is sent. `more`: the connection may live
    /// on. `date`: as the field of that name carries it.
    [[nodiscard]] response_framing finish(response& out, bool more, std::string_view date) {
        admission_.add_fields(out);
        return framing_of(out, request(), more && parser_.keep_alive() && !only_vital_, date);
    }

    /// Makes ready for the next request.
    void next_request() {
        parser_.next();
        body_share_.give_back();
        head_share_.give_back();
        admission_.next();
    }

private:
    [[nodiscard]] http::request& request() noexcept { return parser_.message(); }
    [[nodiscard]] limit_usage& usage() const noexcept { return *service_.options.usage; }

    /// True when there is nothing more to wait for.
    [[nodiscard]] bool answerable() const noexcept {
        return refused() || (parser_.complete() && admission_.admitted());
    }

    /// Decides about the request when its head has arrived.
    void look_at_head() {
        if (!parser_.head_complete()) return;
        if (only_vital_ && (parser_.in_body() || !is_vital(request(), service_.class_of(request())))) {
            refuse(too_many_connections(usage()));
        } else {
            admission_.show(request());
        }
    }

    void forget() noexcept {
        parser_.shed();
        body_share_.give_back();
        head_share_.give_back();
    }

    service const& service_;
    request_parser& parser_;
    body_share body_share_;
    head_share head_share_;
    admission admission_;
    bool only_vital_ = false;
};

}  // namespace pushgateway::http::detail
