#pragma once

/// \file
/// The alternative names of a client's certificate, and whether one of them is allowed.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <asio/ip/address.hpp>

#include <pushgateway/http/tls/openssl.hpp>

namespace pushgateway::http::detail {

/// An address of 4 or 16 bytes; IPv4 also if it is written as IPv6.
[[nodiscard]] inline std::optional<asio::ip::address> address_of(std::string_view bytes) {
    if (bytes.size() == 4) {
        asio::ip::address_v4::bytes_type v4;
        std::memcpy(v4.data(), bytes.data(), v4.size());
        return asio::ip::address_v4(v4);
    }
    if (bytes.size() == 16) {
        asio::ip::address_v6::bytes_type v6;
        std::memcpy(v6.data(), bytes.data(), v6.size());
        asio::ip::address_v6 address(v6);
        if (address.is_v4_mapped()) return asio::ip::make_address_v4(asio::ip::v4_mapped, address);
        return address;
    }
    return std::nullopt;
}

/// True if a DNS name, e-mail address, IP address or URI among the alternative names of `certificate` is one of
/// `allowed`: addresses are compared as such, everything else byte for byte.
[[nodiscard]] inline bool has_allowed_name(X509 const* certificate, std::vector<std::string> const& allowed) {
    general_names_ptr const names(
        static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
    ERR_clear_error();
    if (!names) return false;
    auto const bytes_of = [](ASN1_STRING const* text) {
        return std::string_view(reinterpret_cast<char const*>(ASN1_STRING_get0_data(text)),
                                static_cast<std::size_t>(ASN1_STRING_length(text)));
    };
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        int type = 0;
        void const* const value = GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), i), &type);
        if (type != GEN_DNS && type != GEN_EMAIL && type != GEN_URI && type != GEN_IPADD) continue;
        auto const bytes = bytes_of(static_cast<ASN1_STRING const*>(value));
        if (type != GEN_IPADD) {
            if (std::ranges::find(allowed, bytes) != allowed.end()) return true;
            continue;
        }
        auto const address = address_of(bytes);
        bool const found = address && std::ranges::any_of(allowed, [&](std::string const& text) {
                               asio::error_code ec;
                               return asio::ip::make_address(text, ec) == *address && !ec;
                           });
        if (found) return true;
    }
    return false;
}

}  // namespace pushgateway::http::detail
