/// \file
/// Any bytes as a protobuf body: what is read of them and written again reads as the same.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include <pushgateway/format/protobuf/parse.hpp>
#include <pushgateway/format/protobuf/write.hpp>
#include <pushgateway/format/protobuf/write_text.hpp>

#include "support/describe_families.hpp"

namespace {

using namespace pushgateway;
namespace protobuf = format::protobuf;

void fail(std::string const& what) {
    std::fprintf(stderr, "%s\n", what.c_str());
    std::abort();
}

/// All families as they are written. A metric without the value that its family wants cannot be told from one that has
/// a wrong one, and gets lost.
std::string write(format::decoded_families const& families) {
    std::string out;
    families.for_each_family([&out](model::metric_family const& family) {
        protobuf::append_family(out, family);
        std::string text;
        protobuf::append_family(text, protobuf::text_layout::compact, family);
        if (text.find('\n') != text.size() - 1) fail("a compact text of more than a line: " + text);
    });
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    // A block of the exact size: a read past the end is seen by the address sanitizer.
    auto const copy = std::make_unique_for_overwrite<char[]>(size);
    if (size != 0) std::memcpy(copy.get(), data, size);
    format::decoded_families first;
    auto const read = protobuf::parse({copy.get(), size}, {}, first);
    if (!read) {
        if (!read.error().message.starts_with("protobuf parsing error at byte ")) fail(read.error().message);
        return 0;
    }
    auto const written = write(first);
    format::decoded_families second;
    auto const again = protobuf::parse(written, {}, second);
    if (!again) fail("what was written is refused: " + again.error().message);
    if (auto const twice = write(second); twice != written) {
        fail("written\n" + test::describe(first) + "\nread as\n" + test::describe(second));
    }
    return 0;
}
