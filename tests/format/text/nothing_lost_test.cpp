/// \file
/// Every value of a body that is read is there in what is made of it.

#include <cstddef>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/parse.hpp>
#include <pushgateway/format/text/write.hpp>

namespace pushgateway::format::text {
namespace {

/// Lines of two families of any type, near-misses among them. Each sample has a value of its own, from 1001 on.
std::vector<std::string> any_lines() {
    std::vector<std::string> lines;
    for (auto const* name : {"a", "b"}) {
        auto const type =
            *rc::gen::element<std::string>("counter", "gauge", "summary", "histogram", "gaugehistogram", "");
        if (!type.empty()) lines.push_back(std::string("# TYPE ") + name + ' ' + type + '\n');
    }
    auto const samples = *rc::gen::inRange<std::size_t>(1, 8);
    for (std::size_t i = 0; i != samples; ++i) {
        auto line = *rc::gen::element<std::string>("a", "b");
        line += *rc::gen::element<std::string>("", "_sum", "_count", "_bucket", "_total");
        std::string labels;
        for (auto const* label : {"le", "quantile", "l"}) {
            auto const value = *rc::gen::element<std::string>("", "", "0.5", "1", "+Inf", "NaN");
            if (!value.empty()) labels += std::string(label) + "=\"" + value + "\",";
        }
        if (!labels.empty()) line += '{' + labels + '}';
        lines.push_back(line + ' ' + std::to_string(1001 + i) + '\n');
    }
    return lines;
}

TEST(NothingIsLost, OfABodyThatIsRead) {
    std::size_t read_bodies = 0;
    EXPECT_TRUE(rc::check([&read_bodies] {
        std::string body;
        for (auto const& line : any_lines()) body += line;
        parsed_exposition parsed;
        if (!parse(body, {}, parsed)) return;
        ++read_bodies;
        std::string out;
        parsed.for_each_family([&out](model::metric_family const& family) { append_family(out, family); });
        for (int value = 1001; body.find(' ' + std::to_string(value) + '\n') != std::string::npos; ++value) {
            if (out.find(' ' + std::to_string(value) + '\n') == std::string::npos) {
                RC_FAIL(body + "has become\n" + out);
            }
        }
    }));
    EXPECT_GT(read_bodies, 10u);
}

}  // namespace
}  // namespace pushgateway::format::text
