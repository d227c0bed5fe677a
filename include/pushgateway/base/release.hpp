#pragma once

/// \file
/// Gives the memory of a string back.

#include <cstddef>
#include <string>

namespace pushgateway {

/// Empties `text` and frees what it holds. Neither `clear` nor assigning an empty string does: libstdc++ copies a short
/// text into the room that is there.
inline void release(std::string& text) noexcept { std::string().swap(text); }

/// At the end of its life, releases a string that has become large: what many use in turn must not hold for ever what
/// one of them needed.
class released_if_large {
public:
    static constexpr std::size_t large = 256 * 1024;

    explicit released_if_large(std::string& text) noexcept : text_(text) {}
    released_if_large(released_if_large const&) = delete;
    released_if_large& operator=(released_if_large const&) = delete;
    ~released_if_large() {
        if (text_.capacity() > large) release(text_);
    }

private:
    std::string& text_;
};

}  // namespace pushgateway
