/// \file
/// Names of any bytes in quotes: what is read of them is UTF-8, and what is written of it reads as the same.

#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/base/utf8.hpp>
#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/parse.hpp>
#include <pushgateway/format/text/write.hpp>

namespace pushgateway::format::text {
namespace {

std::string in_double_quotes(std::string_view name) {
    std::string out;
    append_quoted(out, name);
    return out;
}

/// Valid UTF-8 in one half of the cases; else perhaps with an end cut off or a byte too many.
rc::Gen<std::string> bytes() {
    auto const good = rc::gen::element<std::string>("a", "b", ".", "_", ":", "0", " ", "\"", "\\", "\n", "{", "}", "=",
                                                    ",", "#", "\u00e4", "\u20ac", "\U0001F600", "_sum", "_count",
                                                    "\u2028", "__name__", std::string(1, '\0'));
    auto const bad =
        rc::gen::element<std::string>("\xff", "\xc3", "\xe2\x82", "\xed\xa0\x80", "\xc0\x80", "\xf4\x90\x80\x80");
    auto const sound = rc::gen::container<std::vector<std::string>>(good);
    auto const damaged =
        rc::gen::container<std::vector<std::string>>(rc::gen::weightedOneOf<std::string>({{9, good}, {1, bad}}));
    return rc::gen::map(rc::gen::oneOf(sound, sound, damaged), [](std::vector<std::string> const& pieces) {
        std::string out;
        for (auto const& p : pieces) out += p;
        return out;
    });
}

TEST(NamesLaws, WhatIsAcceptedIsUtf8AndReadsBack) {
    int accepted = 0;
    EXPECT_TRUE(rc::check([&accepted] {
        for (int i = 0; i != 10; ++i) {
            auto const [name, label, value, help] = *rc::gen::tuple(bytes(), bytes(), bytes(), bytes());
            std::string body = "# TYPE " + in_double_quotes(name) + " gauge\n# HELP " + in_double_quotes(name) + " h" +
                               in_double_quotes(help) + "\n{" + in_double_quotes(name) + ',' + in_double_quotes(label) +
                               '=' + in_double_quotes(value) + "} 1\n";
            parsed_exposition parsed;
            bool const good = parse(body, {.utf8_names = true}, parsed).has_value();
            bool const sound = is_utf8_name(name) && is_utf8_name(label) && valid_utf8(value) && valid_utf8(help) &&
                               label != "__name__";
            RC_ASSERT(good == sound);
            if (!good) continue;
            ++accepted;
            std::string written;
            parsed.for_each_family([&](model::metric_family const& family) {
                RC_ASSERT(family.name == name);
                RC_ASSERT(family.metrics.front().labels.front().name == label);
                RC_ASSERT(family.metrics.front().labels.front().value == value);
                append_family(written, family);
            });
            parsed_exposition again;
            RC_ASSERT(parse(written, {.utf8_names = true}, again).has_value());
            std::string rewritten;
            again.for_each_family([&](model::metric_family const& family) { append_family(rewritten, family); });
            RC_ASSERT(rewritten == written);
        }
    }));
    EXPECT_GT(accepted, 5);
}

TEST(NamesLaws, WithoutTheOptionOnlyLegacyNamesAreAccepted) {
    EXPECT_TRUE(rc::check([] {
        auto const [name, label] = *rc::gen::pair(bytes(), bytes());
        parsed_exposition parsed;
        auto const body = "{" + in_double_quotes(name) + ',' + in_double_quotes(label) + "=\"\"} 1\n";
        bool const sound = is_legacy_metric_name(name) && is_legacy_label_name(label) && label != "__name__";
        RC_ASSERT(parse(body, {}, parsed).has_value() == sound);
    }));
}

/// A name in quotes, or one that needs none without them.
rc::Gen<std::string> spelled_name() {
    return rc::gen::oneOf(rc::gen::map(bytes(), in_double_quotes),
                          rc::gen::element<std::string>("a", "b_sum", "c_count", "_d", "e0", "f\"g\"", "\"h\""));
}

TEST(NamesLaws, NamesThatAreKnownToBeLegacyAre) {
    int known = 0;
    EXPECT_TRUE(rc::check([&known] {
        parsed_exposition parsed;  // used again, as by a server
        for (int i = 0; i != 10; ++i) {
            auto const names = *rc::gen::container<std::vector<std::string>>(4, spelled_name());
            auto const body =
                "# TYPE " + names[0] + " summary\n" + names[1] + '{' + names[2] + "=\"v\"} 1\n{" + names[3] + "} 2\n";
            if (!parse(body, {.utf8_names = true}, parsed)) continue;
            if (!parsed.names_are_legacy()) continue;
            ++known;
            parsed.for_each_family([](model::metric_family const& family) {
                RC_ASSERT(is_legacy_metric_name(family.name));
                for (auto const& metric : family.metrics) {
                    for (auto const& label : metric.labels) RC_ASSERT(is_legacy_label_name(label.name));
                }
            });
        }
    }));
    parsed_exposition parsed;
    EXPECT_TRUE(parse("# TYPE a:b gauge\na:b{c=\"\u00e4\"} 1\n", {.utf8_names = true}, parsed));
    EXPECT_TRUE(parsed.names_are_legacy());
    EXPECT_TRUE(parse("a{\"\u00e4\"=\"c\"} 1\n", {.utf8_names = true}, parsed));
    EXPECT_FALSE(parsed.names_are_legacy());
    EXPECT_GT(known, 0);
}

}  // namespace
}  // namespace pushgateway::format::text
