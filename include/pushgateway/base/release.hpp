#pragma once

/// \file
/// Gives the memory of a string back.

#include <string>

namespace pushgateway {

/// Empties `text` and frees what it holds. Neither `clear` nor assigning an empty string does: libstdc++ copies a short
/// text into the room that is there.
inline void release(std::string& text) noexcept { std::string().swap(text); }

}  // namespace pushgateway
