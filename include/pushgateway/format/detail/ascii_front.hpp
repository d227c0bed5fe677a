#pragma once

/// \file
/// Knowing that most of a body is ASCII, without going through all of it first.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string_view>

#include <pushgateway/base/utf8.hpp>

namespace pushgateway::format::detail {

/// Looks at a body block by block, a little ahead of where its reader is, so that each block comes from memory once.
class ascii_front {
public:
    explicit ascii_front(std::string_view body) noexcept
        : begin_(body.data()), end_(begin_ + body.size()), since_(begin_), front_(begin_) {}

    /// True if `text` is a part of the body and of ASCII alone. False may also mean that this was not looked into.
    /// Texts are asked about in the order of the body.
    [[nodiscard]] bool covers(std::string_view text) noexcept {
        char const* const last = text.data() + text.size();
        constexpr std::less<> before;  // orders pointers into different blocks, too
        if (before(front_, last)) {
            if (before(text.data(), begin_) || before(end_, last)) return false;
            while (front_ < last) advance();
        }
        return !before(text.data(), since_);
    }

private:
    static constexpr std::ptrdiff_t block = 16 * 1024;

    void advance() noexcept {
        auto const size = std::min(block, end_ - front_);
        bool const ascii = is_ascii({front_, static_cast<std::size_t>(size)});
        front_ += size;
        if (!ascii) since_ = front_;
    }

    char const* begin_;
    char const* end_;
    char const* since_;  ///< from here to front_ all is ASCII
    char const* front_;
};

}  // namespace pushgateway::format::detail
