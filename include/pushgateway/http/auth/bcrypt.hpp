#pragma once

/// \file
/// Tries a password on a bcrypt hash, by libcrypt.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include <crypt.h>
#include <openssl/crypto.h>

#include <pushgateway/http/auth/bcrypt_hash.hpp>

namespace pushgateway::http {

/// True if `hash` was made of `password`. Takes the time that the cost of the hash says, from a millisecond to seconds.
/// Only the first 72 bytes of a password count, as everywhere with bcrypt; one that holds a zero byte matches nothing.
/// False as well for what is no bcrypt hash. Any thread may call it; throws std::bad_alloc only.
[[nodiscard]] inline bool bcrypt_matches(std::string_view password, std::string_view hash) {
    if (!bcrypt::check(hash)) return false;
    auto const data = std::make_unique<crypt_data>();
    char phrase[bcrypt::password_bytes + 1]{};
    std::memcpy(phrase, password.data(), std::min(password.size(), bcrypt::password_bytes));
    // libcrypt hashes some odd passwords differently under $2a$; $2b$ is what the hash was made by elsewhere.
    std::string setting(hash);
    setting[2] = 'b';
    char const* const made = ::crypt_r(phrase, setting.c_str(), data.get());
    bool const same = made != nullptr && std::strlen(made) == bcrypt::hash_size &&
                      CRYPTO_memcmp(made + bcrypt::salt_end, hash.data() + bcrypt::salt_end,
                                    bcrypt::hash_size - bcrypt::salt_end) == 0;
    OPENSSL_cleanse(phrase, sizeof phrase);
    OPENSSL_cleanse(data.get(), sizeof(crypt_data));
    // The library reads up to the first zero byte, which Go does not.
    return same && password.find('\0') == std::string_view::npos;
}

}  // namespace pushgateway::http
