#pragma once

/// \file
/// The text form of a bcrypt hash: `$2b$10$`, 22 characters of salt, 31 of digest.

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include <pushgateway/base/error.hpp>

namespace pushgateway::http {

/// bcrypt hashes as they are written down. Version `2a`, `2b` and `2y` are one algorithm here, as they are in Go.
namespace bcrypt {

inline constexpr int lowest_cost = 4;
inline constexpr int highest_cost = 31;
/// The highest cost that is accepted: it keeps a processor busy for some ten seconds for each password that is tried,
/// and each step above doubles that.
inline constexpr int accepted_cost = 18;
inline constexpr std::size_t hash_size = 60;
inline constexpr std::size_t salt_end = 29;  ///< version, cost and salt stand before this, the digest behind it
/// How much of a password takes part, in bytes.
inline constexpr std::size_t password_bytes = 72;

/// The cost that a hash names; 0 if there is none.
[[nodiscard]] constexpr int cost_of(std::string_view hash) noexcept {
    if (hash.size() < 7 || hash[3] != '$' || hash[6] != '$') return 0;
    auto const digit = [](char c) { return c >= '0' && c <= '9'; };
    return digit(hash[4]) && digit(hash[5]) ? (hash[4] - '0') * 10 + (hash[5] - '0') : 0;
}

/// Fails with errc::invalid and what is wrong unless `hash` is a bcrypt hash of an accepted cost. The text does not
/// repeat the hash.
[[nodiscard]] inline result<> check(std::string_view hash) {
    bool const version = hash.starts_with("$2a$") || hash.starts_with("$2b$") || hash.starts_with("$2y$");
    if (!version) {
        return fail(errc::invalid, "is not a bcrypt hash, which begins with $2a$, $2b$ or $2y$");
    }
    auto const cost = cost_of(hash);
    if (cost < lowest_cost || cost > highest_cost) {
        return fail(errc::invalid, "is a bcrypt hash whose cost is not between 4 and 31");
    }
    if (cost > accepted_cost) {
        return fail(errc::invalid, "is a bcrypt hash of cost " + std::to_string(cost) + "; more than " +
                                       std::to_string(accepted_cost) + " takes too long for a request");
    }
    constexpr auto digit = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '/';
    };
    if (hash.size() != hash_size || !std::ranges::all_of(hash.substr(7), digit)) {
        return fail(errc::invalid,
                    "is a damaged bcrypt hash: " + std::to_string(hash_size) + " characters are expected");
    }
    return {};
}

/// A hash of this cost that no password is known for.
[[nodiscard]] inline std::string dummy_hash(int cost) {
    return std::string("$2b$") + (cost < 10 ? "0" : "") + std::to_string(cost) +
           "$GJeWBLFfJyVK2IuKEQBdAeoyH3R1QUE7lpZJCxnbhBTGx9bPzU6Ha";
}

}  // namespace bcrypt

}  // namespace pushgateway::http
