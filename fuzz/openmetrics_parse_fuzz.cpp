/// \file
/// Any bytes as a body in OpenMetrics: what is read of them and written again reads as the same.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include <pushgateway/format/decoded_families.hpp>
#include <pushgateway/format/openmetrics/parse.hpp>
#include <pushgateway/format/openmetrics/write.hpp>

#include "support/describe_families.hpp"

namespace {

using namespace pushgateway;
namespace openmetrics = format::openmetrics;

void fail(std::string const& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    std::abort();
}

std::string write(format::decoded_families const& families) {
    std::string out;
    families.for_each_family([&out](model::metric_family const& family) { openmetrics::append_family(out, family); });
    out += openmetrics::end;
    return out;
}

void try_body(std::string_view body, openmetrics::parse_options const& options) {
    format::decoded_families first;
    auto const read = openmetrics::parse(body, options, first);
    if (!read) {
        auto const& e = read.error();
        if (!e.message.starts_with("OpenMetrics parsing error in line ") || e.line == 0 || e.column == 0)
            fail(e.message);
        return;
    }
    auto const written = write(first);
    format::decoded_families second;
    auto const again = openmetrics::parse(written, options, second);
    if (!again) fail("what was written is refused: " + again.error().message + "\n" + written);
    // An exemplar that is not within its bucket is read, and not written; from then on nothing changes.
    auto const twice = write(second);
    format::decoded_families third;
    auto const last = openmetrics::parse(twice, options, third);
    if (twice != written || !last || test::describe(third) != test::describe(second)) {
        fail("written\n" + test::describe(first) + "\nread as\n" + test::describe(second));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    // A block of the exact size: a read past the end is seen by the address sanitizer.
    auto const copy = std::make_unique_for_overwrite<char[]>(size);
    if (size != 0) std::memcpy(copy.get(), data, size);
    for (bool const utf8_names : {false, true}) {
        for (bool const needs_end : {true, false}) {
            try_body({copy.get(), size}, {.utf8_names = utf8_names, .needs_end = needs_end});
        }
    }
    return 0;
}
