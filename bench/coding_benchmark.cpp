/// \file
/// Content codings beside the plain call of the library that each is made of: whole bodies read, and a scrape written
/// piece by piece. Bytes are those of the text, for all. A wrong answer fails the run.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include <pushgateway/format/decoded_bound.hpp>
#include <pushgateway/format/gzip.hpp>
#include <pushgateway/format/snappy_framed.hpp>
#include <pushgateway/format/zstd.hpp>

#include "support/exposition_samples.hpp"
#include "support/gzip.hpp"
#include "support/snappy.hpp"
#include "support/zstd.hpp"

namespace {

using namespace pushgateway;

enum class coding : std::uint8_t { gzip, snappy, zstd };

std::string const& text(std::int64_t size) {
    static std::string const large = test::node_exposition().body;
    static std::string const small = large.substr(0, large.rfind('\n', 500) + 1);
    static std::string const huge = test::million_samples().body.substr(0, 16 << 20);
    return size == 0 ? small : size == 1 ? large : huge;
}

std::string packed(coding how, std::string_view body) {
    switch (how) {
        case coding::gzip: return test::gzip(body);
        case coding::snappy: return test::snappy_framed(body);
        case coding::zstd: return test::zstd(body);
    }
    std::abort();
}

void count_bytes(benchmark::State& state, std::string const& body, std::size_t folded) {
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
    state.counters["ratio"] = static_cast<double>(body.size()) / static_cast<double>(folded);
}

void decode(benchmark::State& state, coding how) {
    auto const& body = text(state.range(0));
    auto const in = packed(how, body);
    format::decoded_bound const bound{.bytes = body.size()};
    for (auto _ : state) {
        auto const got = how == coding::gzip     ? format::gunzip(in, bound)
                         : how == coding::snappy ? format::decode_snappy(in, bound)
                                                 : format::decode_zstd(in, bound);
        if (!got || *got != body) return state.SkipWithError("wrong answer");
    }
    count_bytes(state, body, in.size());
}

/// Into a buffer whose size is known, in one call; for Snappy a block for each chunk, without a checksum.
void decode_plainly(benchmark::State& state, coding how) {
    auto const& body = text(state.range(0));
    auto const in = how == coding::snappy ? std::string() : packed(how, body);
    std::vector<std::string> blocks;
    if (how == coding::snappy) {
        for (std::size_t at = 0; at < body.size(); at += 65536) {
            blocks.push_back(test::snappy_block(std::string_view(body).substr(at, 65536)));
        }
    }
    std::string out(body.size(), '\0');
    std::size_t folded = in.size();
    for (auto _ : state) {
        switch (how) {
            case coding::gzip: {
                z_stream z{};
                if (inflateInit2(&z, 15 + 16) != Z_OK) return state.SkipWithError("no memory");
                z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
                z.avail_in = static_cast<uInt>(in.size());
                z.next_out = reinterpret_cast<Bytef*>(out.data());
                z.avail_out = static_cast<uInt>(out.size());
                inflate(&z, Z_FINISH);
                inflateEnd(&z);
                break;
            }
            case coding::snappy: {
                std::size_t at = 0;
                folded = 0;
                for (auto const& block : blocks) {
                    std::size_t size = out.size() - at;
                    snappy_uncompress(block.data(), block.size(), out.data() + at, &size);
                    at += size;
                    folded += block.size();
                }
                break;
            }
            case coding::zstd: ZSTD_decompress(out.data(), out.size(), in.data(), in.size()); break;
        }
        if (out != body) return state.SkipWithError("wrong answer");
    }
    count_bytes(state, body, folded);
}

template <class Encoder>
std::string encode_in_pieces(std::string_view body) {
    constexpr std::size_t piece = 32 * 1024;
    Encoder encoder;
    std::string all;
    std::string out;
    for (std::size_t at = 0; at < body.size(); at += piece) {
        out.clear();
        encoder.append(body.substr(at, piece), out);
        all += out;
    }
    out.clear();
    encoder.finish(out);
    return all += out;
}

void encode(benchmark::State& state, coding how) {
    auto const& body = text(state.range(0));
    std::string out;
    for (auto _ : state) {
        out = how == coding::gzip ? encode_in_pieces<format::gzip_encoder>(body)
                                  : encode_in_pieces<format::zstd_encoder>(body);
    }
    if ((how == coding::gzip ? test::gunzip(out) : test::unzstd(out)) != body) state.SkipWithError("wrong answer");
    count_bytes(state, body, out.size());
}

/// The same level in one call.
void encode_plainly(benchmark::State& state, coding how) {
    auto const& body = text(state.range(0));
    std::string out;
    for (auto _ : state) {
        if (how == coding::gzip) {
            z_stream z{};
            if (deflateInit2(&z, 1, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) std::abort();
            out.resize(deflateBound(&z, static_cast<uLong>(body.size())));
            z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
            z.avail_in = static_cast<uInt>(body.size());
            z.next_out = reinterpret_cast<Bytef*>(out.data());
            z.avail_out = static_cast<uInt>(out.size());
            deflate(&z, Z_FINISH);
            out.resize(z.total_out);
            deflateEnd(&z);
        } else {
            out = test::zstd(body, {.level = 1});
        }
    }
    if ((how == coding::gzip ? test::gunzip(out) : test::unzstd(out)) != body) state.SkipWithError("wrong answer");
    count_bytes(state, body, out.size());
}

// 0: a push of half a kilobyte, 1: of 98 KB, 2: 16 MiB of other text.
BENCHMARK_CAPTURE(decode, gzip, coding::gzip)->DenseRange(0, 2);
BENCHMARK_CAPTURE(decode_plainly, gzip, coding::gzip)->DenseRange(0, 2);
BENCHMARK_CAPTURE(decode, snappy, coding::snappy)->DenseRange(0, 2);
BENCHMARK_CAPTURE(decode_plainly, snappy, coding::snappy)->DenseRange(0, 2);
BENCHMARK_CAPTURE(decode, zstd, coding::zstd)->DenseRange(0, 2);
BENCHMARK_CAPTURE(decode_plainly, zstd, coding::zstd)->DenseRange(0, 2);
BENCHMARK_CAPTURE(encode, gzip, coding::gzip)->DenseRange(1, 2);
BENCHMARK_CAPTURE(encode_plainly, gzip, coding::gzip)->DenseRange(1, 2);
BENCHMARK_CAPTURE(encode, zstd, coding::zstd)->DenseRange(1, 2);
BENCHMARK_CAPTURE(encode_plainly, zstd, coding::zstd)->DenseRange(1, 2);

}  // namespace
