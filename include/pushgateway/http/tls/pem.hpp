#pragma once

/// \file
/// Certificates and keys out of PEM, from a file or from a text.

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/http/tls/openssl.hpp>

namespace pushgateway::http::detail {

/// A file of certificates or a key may have this size, in bytes: every CA there is needs a tenth of it.
inline constexpr std::size_t largest_pem_file = std::size_t{4} << 20;

/// A PEM text and where it is from, as messages name it.
struct pem_source {
    std::string name;
    std::string text;
};

/// Reads a file of at most `largest_pem_file` bytes. `setting` names it in messages.
[[nodiscard]] inline result<pem_source> read_pem_file(std::string_view setting, std::string const& path) {
    auto const failed = [&](std::string_view why) {
        return fail(errc::unavailable,
                    "failed to read " + std::string(setting) + " (" + path + "): " + std::string(why));
    };
    // Without waiting: the path may be that of a pipe.
    int const fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) return failed(std::strerror(errno));
    pem_source out{std::string(setting) + " (" + path + ")", {}};
    char buffer[16 * 1024];
    ssize_t got = 1;
    int why = 0;
    while (got > 0 && out.text.size() <= largest_pem_file) {
        got = ::read(fd, buffer, sizeof buffer);
        if (got < 0 && errno == EINTR)
            got = 1;
        else if (got < 0)
            why = errno;
        else
            out.text.append(buffer, static_cast<std::size_t>(got));
    }
    ::close(fd);
    if (why != 0) return failed(std::strerror(why));
    if (out.text.size() > largest_pem_file) return failed("the file is too large");
    return out;
}

/// The file if there is one, and the text otherwise. `setting` is the name of the text's setting.
[[nodiscard]] inline result<pem_source> read_pem(std::string_view setting, std::string const& text,
                                                 std::string const& file) {
    if (!file.empty()) return read_pem_file(std::string(setting) + "_file", file);
    return pem_source{std::string(setting), text};
}

[[nodiscard]] inline result<bio_ptr> read_from(std::string_view text) {
    ERR_clear_error();
    bio_ptr bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
    if (!bio) return fail(errc::unavailable, "no memory to read a PEM text");
    return bio;
}

/// All certificates of a PEM text, in its order; other blocks are skipped. At least one, or fails with errc::invalid.
[[nodiscard]] inline result<std::vector<x509_ptr>> certificates_of(pem_source const& from) {
    auto const bio = read_from(from.text);
    if (!bio) return std::unexpected(bio.error());
    std::vector<x509_ptr> out;
    for (;;) {
        x509_ptr one(PEM_read_bio_X509(bio->get(), nullptr, nullptr, nullptr));
        if (!one) break;
        out.push_back(std::move(one));
    }
    bool const at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    if (!at_end) return fail(errc::invalid, from.name + ": a certificate cannot be read: " + openssl_reason("unknown"));
    ERR_clear_error();
    if (out.empty()) return fail(errc::invalid, from.name + ": no certificate in PEM form is there");
    return out;
}

/// The first private key of a PEM text. Fails with errc::invalid, also if it is encrypted.
[[nodiscard]] inline result<key_ptr> key_of(pem_source const& from) {
    // OpenSSL says the same of a text without a key and of a key that it cannot read.
    if (from.text.find("PRIVATE KEY-----") == std::string::npos) {
        return fail(errc::invalid, from.name + ": no private key in PEM form is there");
    }
    auto const bio = read_from(from.text);
    if (!bio) return std::unexpected(bio.error());
    bool encrypted = false;
    auto const no_password = [](char*, int, int, void* asked) {
        *static_cast<bool*>(asked) = true;
        return -1;
    };
    key_ptr key(PEM_read_bio_PrivateKey(bio->get(), nullptr, no_password, &encrypted));
    if (key) return key;
    auto const why = openssl_reason("unknown");
    if (encrypted) return fail(errc::invalid, from.name + ": the private key is encrypted");
    return fail(errc::invalid, from.name + ": the private key cannot be read: " + why);
}

}  // namespace pushgateway::http::detail
