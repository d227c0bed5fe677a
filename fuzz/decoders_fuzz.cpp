/// \file
/// Any bytes as a body in each content coding: what is taken is what another decoder makes of it, and keeps to its
/// bound. And any bytes as a body to be sent, in two pieces: what the encoders make is read as the same.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <pushgateway/format/decoded_bound.hpp>
#include <pushgateway/format/gzip.hpp>
#include <pushgateway/format/snappy_framed.hpp>
#include <pushgateway/format/zstd.hpp>

#include "support/gzip.hpp"
#include "support/snappy.hpp"
#include "support/zstd.hpp"

namespace {

using namespace pushgateway;
using format::decoded_bound;

constexpr std::size_t most = std::size_t{1} << 20;

void fail(std::string_view coding, std::string const& what) {
    std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(coding.size()), coding.data(), what.c_str());
    std::abort();
}

/// What a stream that was taken holds, without a look at checksums.
std::string unframed(std::string_view in) {
    std::string out;
    while (!in.empty()) {
        auto const byte = [in](std::size_t i) { return static_cast<std::size_t>(static_cast<std::uint8_t>(in[i])); };
        auto const size = byte(1) | byte(2) << 8 | byte(3) << 16;
        auto const data = in.substr(4, size);
        if (byte(0) == 1) out += data.substr(4);
        if (byte(0) == 0) {
            std::string block(1 << 16, '\0');
            auto length = block.size();
            snappy_uncompress(data.data() + 4, data.size() - 4, block.data(), &length);
            out += block.substr(0, length);
        }
        in.remove_prefix(4 + size);
    }
    return out;
}

template <class Decode, class Other>
void check_decoder(std::string_view coding, std::string_view in, Decode decode, Other other) {
    auto const got = decode(in, decoded_bound{.bytes = most});
    if (!got) {
        auto const& why = got.error();
        bool const named = why.code == errc::syntax && why.message.starts_with(std::string(coding) + ": ");
        if (!named && why.limit != limit_kind::decoded_body) fail(coding, why.message);
        return;
    }
    if (got->size() > most) fail(coding, "more than the bound");
    if (std::optional<std::string> const same = other(in); same && *same != *got) fail(coding, "read in another way");
    auto const exact = decode(in, decoded_bound{.bytes = got->size()});
    if (!exact || *exact != *got) fail(coding, "not taken within a bound of its size");
    if (got->empty()) return;
    auto const tight = decode(in, decoded_bound{.bytes = got->size() - 1});
    if (tight || tight.error().code != errc::too_large) fail(coding, "taken beyond its bound");
}

template <class Encoder, class Decode>
void check_encoder(std::string_view coding, std::string_view text, Decode decode) {
    auto const cut = text.empty() ? 0 : static_cast<std::uint8_t>(text.front()) % text.size();
    Encoder encoder;
    std::string packed;
    encoder.append(text.substr(0, cut), packed);
    encoder.append(text.substr(cut), packed);
    encoder.finish(packed);
    auto const got = decode(packed, decoded_bound{.bytes = text.size()});
    if (!got || *got != text) fail(coding, "not read as it was written");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    // A block of the exact size: a read past the end is seen by the address sanitizer.
    auto const copy = std::make_unique_for_overwrite<char[]>(size);
    if (size != 0) std::memcpy(copy.get(), data, size);
    std::string_view const in(copy.get(), size);

    // Of several members the other one reads none.
    check_decoder("gzip", in, format::gunzip, [](std::string_view packed) { return test::gunzip(packed); });
    check_decoder("snappy", in, format::decode_snappy, unframed);
    check_decoder("zstd", in, format::decode_zstd, [](std::string_view packed) {
        auto text = test::unzstd(packed);
        if (!text) fail("zstd", "refused by the library");
        return text;
    });

    check_encoder<format::gzip_encoder>("gzip", in, format::gunzip);
    check_encoder<format::zstd_encoder>("zstd", in, format::decode_zstd);
    auto const framed = test::snappy_framed(in, 1 + size / 3);
    auto const unfolded = format::decode_snappy(framed, decoded_bound{.bytes = size});
    if (!unfolded || *unfolded != in) fail("snappy", "not read as it was written");
    return 0;
}
