// However the bytes of HTTP requests are cut into pieces, they read the same. The first byte of the input picks the cut
// and the limits.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include <pushgateway/base/limits.hpp>

#include "support/read_requests.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    pushgateway::limits bounds;
    if (data[0] >= 128) {
        bounds.request_line = 64;
        bounds.header = 160;
        bounds.header_fields = 4;
        bounds.body = 32;
    }
    std::string_view const bytes(reinterpret_cast<char const*>(data + 1), size - 1);
    if (auto const broken = pushgateway::test::broken_request_law(bytes, data[0] % 64, bounds); !broken.empty()) {
        std::cerr << broken << '\n';
        std::abort();
    }
    return 0;
}
