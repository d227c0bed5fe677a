#pragma once

/// \file
/// What a failure carries through the whole library, and the `result` every fallible function returns.

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/limits.hpp>

namespace pushgateway {

/// The kind of a failure: what a caller may decide on. The text is for people.
enum class errc : std::uint8_t {
    syntax,        ///< the input does not follow its grammar
    invalid,       ///< well formed, but a value is not acceptable (bad name, bad base64, bad UTF-8)
    inconsistent,  ///< contradicts itself or what is stored
    too_large,     ///< a size limit is exceeded
    too_many,      ///< a count limit is exceeded
    unsupported,   ///< a known feature that is not available here
    unavailable,   ///< cannot be served at the moment
    corrupt,       ///< what was kept is damaged
};

/// A failure: its kind, a sentence for people, and the place it was found, where there is one.
struct error {
    errc code = errc::invalid;
    std::string message;                             ///< complete: already names the place and the cause
    std::size_t line = 0;                            ///< 1-based line in the input; 0 if the failure has no place
    std::size_t column = 0;                          ///< 1-based byte in that line; 0 if unknown
    std::string token;                               ///< what was found there, shortened; may be empty
    std::optional<limit_kind> limit = std::nullopt;  ///< the limit that was exceeded, if it was one

    friend bool operator==(error const&, error const&) = default;
};

/// A value, or the reason there is none.
template <class T = void>
using result = std::expected<T, error>;

/// Shorthand for returning a failure without a place.
[[nodiscard]] inline std::unexpected<error> fail(errc code, std::string message) {
    return std::unexpected(error{code, std::move(message), 0, 0, {}});
}

/// The same for an exceeded limit, which is named behind the sentence.
[[nodiscard]] inline std::unexpected<error> fail(errc code, limit_kind limit, std::string_view sentence) {
    return std::unexpected(error{code, naming(sentence, limit), 0, 0, {}, limit});
}

}  // namespace pushgateway
