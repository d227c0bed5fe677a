#pragma once

/// \file
/// Makes a response's body piece by piece, within the limit of the memory.

#include <algorithm>
#include <cstdint>
#include <string>

#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/memory.hpp>
#include <pushgateway/base/memory_budget.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/service.hpp>

namespace pushgateway::http::detail {

/// Replaces `piece` by the next one. False if there is none left, and also, with `broken` true, if it cannot be made:
/// then the response must not look as if it were whole.
inline bool next_piece(service& of, body_source& source, std::string& piece, bool& broken) noexcept {
    // One piece more than there is memory for is no harm, but a large one may be.
    constexpr std::uint64_t always = std::uint64_t{4} << 20;
    memory::bounded const scope(std::max(memory_budget{of.options.limits.memory}.most(), memory::used() + always));
    try {
        return source.next(piece);
    } catch (memory::exceeded const&) {
        of.options.usage->count_rejection(limit_kind::memory);
    } catch (...) {
        of.warn("a response could not be completed");
    }
    broken = true;
    return false;
}

}  // namespace pushgateway::http::detail
