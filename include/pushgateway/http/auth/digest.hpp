#pragma once

/// \file
/// Digests of secrets: SHA-256 for what is stored, an HMAC under a secret of the process for what is remembered.

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <string_view>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

namespace pushgateway::http {

/// A SHA-256 digest, or 32 bytes that serve as a key.
using digest = std::array<std::uint8_t, 32>;

/// Equality in a time that tells nothing about where the difference is.
[[nodiscard]] inline bool same_digest(digest const& a, digest const& b) noexcept {
    std::array<std::uint64_t, 4> x;
    std::array<std::uint64_t, 4> y;
    std::memcpy(x.data(), a.data(), a.size());
    std::memcpy(y.data(), b.data(), b.size());
    return ((x[0] ^ y[0]) | (x[1] ^ y[1]) | (x[2] ^ y[2]) | (x[3] ^ y[3])) == 0;
}

namespace detail {

/// SHA-256 of what is added. One for each thread: starting a digest anew is cheap, making one is not.
class sha256_context {
public:
    static sha256_context& of_this_thread() {
        thread_local sha256_context own;
        return own;
    }

    void start() { check(EVP_DigestInit_ex2(context_.get(), algorithm(), nullptr)); }
    void add(void const* bytes, std::size_t size) { check(EVP_DigestUpdate(context_.get(), bytes, size)); }
    void add(std::string_view bytes) { add(bytes.data(), bytes.size()); }
    digest finish() {
        digest out;
        check(EVP_DigestFinal_ex(context_.get(), out.data(), nullptr));
        return out;
    }

private:
    struct deleter {
        void operator()(EVP_MD_CTX* c) const noexcept { EVP_MD_CTX_free(c); }
        void operator()(EVP_MD* m) const noexcept { EVP_MD_free(m); }
    };

    sha256_context() : context_(EVP_MD_CTX_new()) {
        if (!context_) throw std::bad_alloc();
    }

    static void check(int done) {
        if (done != 1) throw std::runtime_error("SHA-256 is not available");
    }

    static EVP_MD const* algorithm() {
        // Fetched once: looking an algorithm up takes longer than using it.
        static std::unique_ptr<EVP_MD, deleter> const found(EVP_MD_fetch(nullptr, "SHA256", nullptr));
        return found.get();
    }

    std::unique_ptr<EVP_MD_CTX, deleter> context_;
};

}  // namespace detail

/// SHA-256 (FIPS 180-4). Throws if the cryptographic library has none.
[[nodiscard]] inline digest sha256(std::string_view bytes) {
    auto& context = detail::sha256_context::of_this_thread();
    context.start();
    context.add(bytes);
    return context.finish();
}

/// Reads 64 hexadecimal digits of either case.
[[nodiscard]] constexpr std::optional<digest> parse_digest(std::string_view hex) noexcept {
    digest out{};
    if (hex.size() != 2 * out.size()) return std::nullopt;
    for (std::size_t i = 0; i != hex.size(); ++i) {
        char const c = hex[i];
        int const value = c >= '0' && c <= '9'   ? c - '0'
                          : c >= 'a' && c <= 'f' ? c - 'a' + 10
                          : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                 : -1;
        if (value < 0) return std::nullopt;
        out[i / 2] = static_cast<std::uint8_t>(out[i / 2] * 16 + value);
    }
    return out;
}

/// Digests under a secret that is made with the object and never leaves it: who does not know it can neither compute
/// a digest nor find two inputs of the same. HMAC-SHA-256 (RFC 2104). Any thread may use it.
class keyed_digest {
public:
    /// Takes the secret from the system's randomness; throws if there is none.
    keyed_digest() {
        block secret{};
        if (RAND_bytes(secret.data(), static_cast<int>(secret.size())) != 1) {
            throw std::runtime_error("the system gives no randomness");
        }
        for (std::size_t i = 0; i != secret.size(); ++i) {
            inner_[i] = secret[i] ^ 0x36;
            outer_[i] = secret[i] ^ 0x5c;
        }
        OPENSSL_cleanse(secret.data(), secret.size());
    }

    /// The digest of these texts in this order. Their lengths take part: `{"ab", "c"}` is not `{"a", "bc"}`.
    [[nodiscard]] digest operator()(std::initializer_list<std::string_view> texts) const {
        auto& context = detail::sha256_context::of_this_thread();
        context.start();
        context.add(inner_.data(), inner_.size());
        for (auto const text : texts) {
            std::uint64_t const size = text.size();
            context.add(&size, sizeof size);
            context.add(text);
        }
        auto const inside = context.finish();
        context.start();
        context.add(outer_.data(), outer_.size());
        context.add(inside.data(), inside.size());
        return context.finish();
    }

private:
    // The secret is a whole block of the hash.
    using block = std::array<std::uint8_t, 64>;
    block inner_{};
    block outer_{};
};

}  // namespace pushgateway::http
