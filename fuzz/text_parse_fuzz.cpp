/// \file
/// Any bytes as a body in the text format: what must hold for all bodies holds for these.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>

#include "support/text_laws.hpp"

int fuzz_text(std::uint8_t const* data, std::size_t size) {
    // A block of the exact size: a read past the end is seen by the address sanitizer.
    auto const copy = std::make_unique_for_overwrite<char[]>(size);
    if (size != 0) std::memcpy(copy.get(), data, size);
    for (bool const utf8_names : {false, true}) {
        for (bool const ignore : {false, true}) {
            auto const broken = pushgateway::test::broken_text_law(
                {copy.get(), size}, {.utf8_names = utf8_names, .ignore_stray_samples = ignore});
            if (broken.empty()) continue;
            std::fprintf(stderr, "%s\n", broken.c_str());
            std::abort();
        }
    }
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) { return fuzz_text(data, size); }
