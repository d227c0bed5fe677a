#pragma once

/// \file
/// The incremental reader of HTTP/1.1 requests: a pure state machine over bytes, without sockets or clocks.

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/memory_budget.hpp>
#include <pushgateway/base/release.hpp>
#include <pushgateway/http/foreign_greeting.hpp>
#include <pushgateway/http/framing.hpp>
#include <pushgateway/http/head_grammar.hpp>
#include <pushgateway/http/message.hpp>

namespace pushgateway::http {

/// Reads requests of RFC 9112 from bytes that arrive in pieces of any size. How the bytes are cut makes no difference.
///
/// Feed it until `complete()` or `failed()`; bytes it did not consume belong to the next request. After a complete
/// request call `next()`. After a failure nothing that follows may be read as a request: answer `failure()` and close.
/// Not thread-safe.
class request_parser {
public:
    /// `bounds` must outlive the parser.
    explicit request_parser(limits const& bounds) : bounds_(&bounds) {}

    /// Consumes bytes of the current request and returns how many. Less than given only when the request is complete
    /// or refused.
    std::size_t feed(std::string_view bytes) {
        auto const given = bytes.size();
        while (!bytes.empty() && phase_ < phase::complete) step(bytes);
        return given - bytes.size();
    }

    /// No byte of a request has arrived yet; empty lines before it do not count.
    [[nodiscard]] bool idle() const noexcept { return phase_ == phase::start && partial_.empty(); }
    /// The head is complete and accepted, the body is not.
    [[nodiscard]] bool in_body() const noexcept { return phase_ > phase::fields && phase_ < phase::complete; }
    /// The rest of the body is known to be so many bytes at most.
    [[nodiscard]] bool ends_within(std::size_t bytes) const noexcept {
        return phase_ == phase::measured && remaining_ <= bytes;
    }
    /// The head is complete and accepted.
    [[nodiscard]] bool head_complete() const noexcept { return phase_ > phase::fields && phase_ < phase::failed; }
    /// `message()` is a whole request.
    [[nodiscard]] bool complete() const noexcept { return phase_ == phase::complete; }
    /// The request is refused, for the reason in `failure()`.
    [[nodiscard]] bool failed() const noexcept { return phase_ == phase::failed; }
    /// The client waits for `100 Continue` before it sends the body, of which nothing has arrived.
    [[nodiscard]] bool expects_continue() const noexcept { return in_body() && framing_.expects_continue; }
    /// To be called when `100 Continue` was sent.
    void continued() noexcept { framing_.expects_continue = false; }
    /// Whether the client lets the connection live after this request. Meaningful once complete.
    [[nodiscard]] bool keep_alive() const noexcept { return complete() && framing_.keep_alive; }

    /// The request as far as it was read.
    [[nodiscard]] request& message() noexcept { return request_; }
    [[nodiscard]] request const& message() const noexcept { return request_; }
    /// The size of the body in bytes as far as it is known: announced, or arrived.
    [[nodiscard]] std::uint64_t body_size() const noexcept {
        return request_.body.size() + (phase_ == phase::measured ? remaining_ : 0);
    }
    /// The bytes that the head takes, as far as it was read.
    [[nodiscard]] std::size_t head_size() const noexcept {
        return head_size_ + partial_.size() + request_.fields.size() * sizeof(field);
    }
    /// Why the request is refused.
    [[nodiscard]] refusal const& failure() const noexcept { return failure_; }

    /// Refuses the request that is being read, for a reason that is not in its bytes (it takes too long, it ends
    /// early).
    void abandon(refusal why) { refuse(std::move(why)); }

    /// Forgets all of a refused request but its method and the beginning of its target: they take much memory.
    void shed() noexcept {
        pushgateway::release(request_.body);
        std::vector<field>().swap(request_.fields);
        pushgateway::release(partial_);
        if (request_.target.size() > kept_capacity) {
            request_.target.resize(kept_capacity);
            request_.target.shrink_to_fit();
        }
    }

    /// Makes ready for the next request of the connection; `message().remote` stays.
    void next() {
        request_.method.clear();
        request_.target.clear();
        request_.minor_version = 1;
        request_.fields.clear();
        request_.body.clear();
        if (request_.body.capacity() > kept_capacity) pushgateway::release(request_.body);
        if (partial_.capacity() > kept_capacity) pushgateway::release(partial_);
        partial_.clear();
        framing_ = {};
        head_size_ = extension_size_ = field_count_ = empty_lines_ = 0;
        phase_ = phase::start;
    }

    /// Gives back the memory that is held for speed between two requests. Only when `idle()`.
    void release() noexcept {
        pushgateway::release(request_.method);
        pushgateway::release(request_.target);
        pushgateway::release(request_.body);
        pushgateway::release(partial_);
        std::vector<field>().swap(request_.fields);
    }

private:
    enum class phase : std::uint8_t {
        start,       // before or in the request line
        fields,      // in the header section
        measured,    // in a body of known length
        chunk_size,  // in the line before a chunk
        chunk_data,  // in a chunk
        chunk_cr,    // before the CR after a chunk
        chunk_lf,    // before the LF after a chunk
        trailers,    // after the last chunk
        complete,
        failed,
    };

    static constexpr std::size_t kept_capacity = 1024;
    static constexpr std::size_t reserved_at_once = std::size_t{64} << 10;
    static constexpr std::size_t chunk_line_limit = 4096;
    static constexpr std::size_t empty_line_limit = 4;

    void refuse(int status, std::string text) { refuse(refusal{status, std::move(text)}); }
    void refuse(refusal why) {
        failure_ = std::move(why);
        phase_ = phase::failed;
    }

    void step(std::string_view& bytes) {
        switch (phase_) {
            case phase::start: return read_request_line(bytes);
            case phase::fields:
            case phase::trailers: return read_field(bytes);
            case phase::measured: return read_measured(bytes);
            case phase::chunk_size: return read_chunk_size(bytes);
            case phase::chunk_data: return read_chunk_data(bytes);
            case phase::chunk_cr:
            case phase::chunk_lf: return read_chunk_end(bytes);
            case phase::complete:
            case phase::failed: return;
        }
    }

    /// Cuts the next line off `bytes`. False when it is not there yet, or when it is refused: `too_long` is the
    /// refusal of a line that does not end within `budget` bytes.
    template <class TooLong>
    bool take_line(std::string_view& bytes, std::size_t budget, std::string_view& line, TooLong&& too_long) {
        auto const window = bytes.substr(0, budget - std::min(budget, partial_.size()));
        auto const* const lf =
            static_cast<char const*>(window.empty() ? nullptr : std::memchr(window.data(), '\n', window.size()));
        if (lf == nullptr) {
            if (partial_.size() + window.size() >= budget) {
                bytes.remove_prefix(window.size());
                refuse(too_long());
                return false;
            }
            partial_.append(window);
            bytes.remove_prefix(window.size());
            return false;
        }
        auto const size = static_cast<std::size_t>(lf - window.data()) + 1;
        if (partial_.empty()) {
            line = window.substr(0, size);
        } else {
            partial_.append(window.substr(0, size));
            line = partial_;
        }
        bytes.remove_prefix(size);
        if (line.size() < 2 || line[line.size() - 2] != '\r') {
            refuse(400, "a line ends in a bare LF instead of CR LF");
            return false;
        }
        line.remove_suffix(2);
        return true;
    }

    void read_request_line(std::string_view& bytes) {
        if (partial_.empty() && bytes.front() != '\r' && bytes.front() != '\n' && !is_token(bytes.substr(0, 1))) {
            // Not HTTP at all (a TLS greeting, say): no line end may ever come.
            return refuse(400, foreign_greeting(bytes.front()));
        }
        std::string_view text;
        auto const too_long = [this] {
            return detail::exceeding(
                414, limit_kind::request_line,
                "the request line is longer than " + std::to_string(bounds_->request_line) + " bytes");
        };
        if (!take_line(bytes, bounds_->request_line, text, too_long)) return;
        head_size_ += text.size() + 2;
        if (text.empty()) {
            partial_.clear();
            if (++empty_lines_ > empty_line_limit) refuse(400, "too many empty lines before the request");
            return;
        }
        request_line line;
        if (auto const* const wrong = parse_line(text, line)) return refuse(400, explain_request_line(text, wrong));
        if (line.major != "1") return refuse(505, "only HTTP/1.0 and HTTP/1.1 are spoken here");
        request_.minor_version = line.minor == "0" ? 0 : 1;
        request_.method = line.method;
        request_.target = line.target;
        partial_.clear();
        phase_ = phase::fields;
        check_target();
    }

    void check_target() {
        if (request_.method == "CONNECT") return refuse(501, "this is no proxy: CONNECT is not supported");
        if (request_.target.front() == '/') return;
        if (request_.target == "*") {
            if (request_.method != "OPTIONS") refuse(400, "the request target * belongs to OPTIONS");
            return;
        }
        request_target target;
        if (auto const* const wrong = parse_line(request_.target, target)) return refuse(400, wrong);
        if (!equal_ignoring_case(target.scheme, "http") && !equal_ignoring_case(target.scheme, "https")) {
            return refuse(400, "the request target is neither an http nor an https URI");
        }
        if (!valid_host(target.authority)) return refuse(400, "the host of the request target is malformed");
        authority_ = target.authority;
        std::string path(target.path);
        if (path.empty() && request_.method == "OPTIONS") {
            path = '*';
        } else if (path.empty() || path.front() == '?') {
            path.insert(path.begin(), '/');
        }
        request_.target = std::move(path);
    }

    void read_field(std::string_view& bytes) {
        auto const budget = bounds_->header - std::min(bounds_->header, head_size_);
        std::string_view text;
        auto const too_large = [this] {
            return detail::exceeding(431, limit_kind::header,
                                     "the head is larger than " + std::to_string(bounds_->header) + " bytes");
        };
        if (!take_line(bytes, budget, text, too_large)) return;
        head_size_ += text.size() + 2;
        if (text.empty()) {
            partial_.clear();
            if (phase_ == phase::trailers) {
                phase_ = phase::complete;
            } else {
                finish_head();
            }
            return;
        }
        if (++field_count_ > bounds_->header_fields) {
            return refuse(
                detail::exceeding(431, limit_kind::header_fields,
                                  "there are more than " + std::to_string(bounds_->header_fields) + " header fields"));
        }
        field_line line;
        if (auto const* const wrong = parse_line(text, line)) return refuse(400, wrong);
        // Trailers are dropped: nothing here needs them, and merging them would let them change the framing.
        if (phase_ == phase::fields) request_.fields.emplace_back(std::string(line.name), std::string(line.value));
        partial_.clear();
    }

    void finish_head() {
        auto decided = decide_framing(request_, *bounds_);
        if (!decided) return refuse(std::move(decided.error()));
        framing_ = *decided;
        if (!authority_.empty()) {
            for (auto& f : request_.fields) {
                if (equal_ignoring_case(f.name, "Host")) f.value = authority_;
            }
            authority_.clear();
        }
        if (framing_.chunked) {
            phase_ = phase::chunk_size;
        } else if (framing_.length != 0) {
            remaining_ = framing_.length;
            request_.body.reserve(std::min<std::uint64_t>(remaining_, reserved_at_once));
            phase_ = phase::measured;
        } else {
            phase_ = phase::complete;
        }
    }

    void take_body(std::string_view& bytes) {
        framing_.expects_continue = false;
        auto const size = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, bytes.size()));
        if (size > request_.body.capacity() - request_.body.size() && !grow_body(size)) return;
        request_.body.append(bytes.substr(0, size));
        bytes.remove_prefix(size);
        remaining_ -= size;
    }

    /// Makes room for `more` bytes; false if there is not so much memory, and then the request is refused.
    bool grow_body(std::size_t more) {
        auto const known = request_.body.size() + remaining_;
        // Several times as much, since what is there is copied; but not all, since the rest may never come. Up to eight
        // times if that is all: a last small step would copy everything once more.
        auto const some = known / 8 < request_.body.size() ? known : 4 * request_.body.size();
        auto const wanted = phase_ == phase::measured ? some : 0;
        auto const capacity = std::max<std::uint64_t>(wanted, 2 * request_.body.capacity());
        auto const most = memory_budget{bounds_->memory}.requests(capacity);
        try {
            memory::bounded const scope(most);
            if (memory::fits(capacity, most)) {
                request_.body.reserve(std::max<std::uint64_t>(capacity, request_.body.size() + more));
                return true;
            }
        } catch (std::bad_alloc const&) {
            // Refused as well.
        }
        refuse(detail::out_of_memory(*bounds_));
        return false;
    }

    void read_measured(std::string_view& bytes) {
        take_body(bytes);
        if (phase_ == phase::failed) return;
        if (remaining_ == 0) phase_ = phase::complete;
    }

    void read_chunk_size(std::string_view& bytes) {
        framing_.expects_continue = false;
        std::string_view text;
        auto const too_long = [] { return refusal{400, "the line before a chunk is too long"}; };
        if (!take_line(bytes, chunk_line_limit, text, too_long)) return;
        chunk_line line;
        if (auto const* const wrong = parse_line(text, line)) return refuse(400, wrong);
        auto const [end, ec] = std::from_chars(line.size.data(), line.size.data() + line.size.size(), remaining_, 16);
        extension_size_ += text.size() - line.size.size();
        if (extension_size_ > bounds_->header) return refuse(400, "the chunk extensions are too large");
        if (ec != std::errc{}) return refuse(400, "a chunk size is out of range");
        if (remaining_ > bounds_->body - request_.body.size()) return refuse(detail::too_large_body(*bounds_));
        partial_.clear();
        phase_ = remaining_ == 0 ? phase::trailers : phase::chunk_data;
    }

    void read_chunk_data(std::string_view& bytes) {
        take_body(bytes);
        if (phase_ == phase::failed) return;
        if (remaining_ == 0) phase_ = phase::chunk_cr;
    }

    void read_chunk_end(std::string_view& bytes) {
        bool const cr = phase_ == phase::chunk_cr;
        if (bytes.front() != (cr ? '\r' : '\n')) return refuse(400, "a chunk is longer than its size says");
        bytes.remove_prefix(1);
        phase_ = cr ? phase::chunk_lf : phase::chunk_size;
    }

    limits const* bounds_;
    request request_;
    framing framing_;
    refusal failure_;
    std::string partial_;    // the beginning of a line whose end has not arrived
    std::string authority_;  // of a target in absolute form: it replaces Host
    std::uint64_t remaining_ = 0;
    std::size_t head_size_ = 0;
    std::size_t extension_size_ = 0;
    std::size_t field_count_ = 0;
    std::size_t empty_lines_ = 0;
    phase phase_ = phase::start;
};

}  // namespace pushgateway::http
