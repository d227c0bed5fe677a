/// \file
/// Any bytes as the field Accept: what is answered is a format that a client could ask for by that very name.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <pushgateway/http/negotiation.hpp>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace pushgateway::http;
    std::string const field(reinterpret_cast<char const*>(data), size);
    for (auto const offer : {openmetrics_offer::off, openmetrics_offer::on}) {
        auto const wanted = find_wanted_exposition(field, offer);
        auto const type = exposition_content_type(wanted);
        if (!(find_wanted_exposition(type, offer) == wanted)) {
            std::fprintf(stderr, "%s is answered with %s\n", field.c_str(), type.c_str());
            std::abort();
        }
    }
    for (auto const& preference : parse_preferences(field)) {
        if (!(preference.weight >= 0 && preference.weight <= 1)) std::abort();
    }
    return 0;
}
