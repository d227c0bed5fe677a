#pragma once

/// \file
/// What goes wrong with text often and harms nothing: lines that end in CR LF, a last line without an end, a byte order
/// mark.

#include <cstddef>
#include <string>
#include <string_view>

namespace pushgateway::format::text {

/// `body` as a strict reader wants it. A copy, in `room`, only if more has to be mended than the beginning.
[[nodiscard]] inline std::string_view mended(std::string_view body, std::string& room) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (body.starts_with(mark)) body.remove_prefix(mark.size());
    bool const ended = body.empty() || body.back() == '\n';
    auto at = body.find("\r\n");
    if (ended && at == std::string_view::npos) return body;
    room.clear();
    room.reserve(body.size() + 1);
    std::size_t from = 0;
    for (; at != std::string_view::npos; at = body.find("\r\n", from)) {
        room.append(body, from, at - from);
        from = at + 1;
    }
    room.append(body, from);
    if (!ended) {
        // The end of the last line may be the half of one.
        if (room.back() == '\r') room.pop_back();
        room += '\n';
    }
    return room;
}

}  // namespace pushgateway::format::text
