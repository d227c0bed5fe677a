#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <protozero/pbf_builder.hpp>

#include <pushgateway/format/protobuf/parse.hpp>
#include <pushgateway/format/protobuf/write.hpp>

#include "support/describe_families.hpp"

namespace pushgateway::format::protobuf {
namespace {

using protozero::pbf_writer;

/// A message behind its length.
std::string delimited(std::string_view message) {
    std::string out;
    append_length(out, message.size());
    return out += message;
}

/// A family `name` of a type, with metrics that `fill` writes.
template <class Fill>
std::string family(std::string_view name, int type, Fill&& fill) {
    std::string message;
    pbf_writer out(message);
    out.add_string(1, name.data(), name.size());
    out.add_enum(3, type);
    fill(out);
    return delimited(message);
}

/// What a body reads as, or the error.
std::string read(std::string_view body, parse_options const& options = {}) {
    decoded_families decoded;
    auto const parsed = parse(body, options, decoded);
    return parsed ? test::describe(decoded) : parsed.error().message;
}

/// One metric whose value, at `field`, `fill` writes.
template <class Fill>
void metric(pbf_writer& family, int field, Fill&& fill) {
    pbf_writer out(family, 4);
    pbf_writer value(out, static_cast<protozero::pbf_tag_type>(field));
    fill(value);
}

std::string written(model::metric_family const& family) { return test::describe(families({&family, 1})); }

std::string histogram_of(auto&& fill) {
    return read(family("h", 4, [&](pbf_writer& out) { metric(out, 7, fill); }));
}

TEST(ProtobufParse, NothingIsNoFamilies) { EXPECT_EQ(read(""), ""); }

TEST(ProtobufParse, AMessageWithoutFieldsIsACounterFamilyWithoutNameAndMetrics) {
    EXPECT_EQ(read(std::string(1, '\0')), "'' COUNTER -\n");
}

TEST(ProtobufParse, TheTypeMayStandBehindTheMetrics) {
    std::string message;
    {
        pbf_writer out(message);
        metric(out, 2, [](pbf_writer& value) { value.add_double(1, 2); });
        out.add_enum(3, 1);
        out.add_string(1, "g");
    }
    model::metric const m{{}, model::gauge{2}};
    EXPECT_EQ(read(delimited(message)), written({"g", {}, model::metric_type::gauge, {&m, 1}}));
}

TEST(ProtobufParse, FieldsThatAreNotKnownArePassedOver) {
    auto const body = family("g", 1, [](pbf_writer& out) {
        out.add_string(6, "seconds");
        out.add_fixed32(77, 1);
        pbf_writer m(out, 4);
        m.add_string(99, "x");
        pbf_writer label(m, 1);
        label.add_string(1, "l");
        label.add_string(2, "v");
        label.add_uint64(3, 1);
        label.commit();
        pbf_writer value(m, 2);
        value.add_uint64(1, 7);  // not a double: unknown, too
        value.add_double(1, 2);
    });
    model::label const label{"l", "v"};
    model::metric const m{{&label, 1}, model::gauge{2}};
    EXPECT_EQ(read(body), written({"g", {}, model::metric_type::gauge, {&m, 1}}));
}

TEST(ProtobufParse, AUnitIsReadAndWhatOnlyAFileHasIsNot) {
    auto const one = [](std::string_view unit) {
        return family("a_s", 1, [&](pbf_writer& out) {
            metric(out, 2, [](pbf_writer& value) { value.add_double(1, 1); });
            out.add_string(5, unit.data(), unit.size());
            out.add_enum(100, 1);
        });
    };
    EXPECT_EQ(read(one("s")), "'a_s' GAUGE - in 's'\n  gauge 3ff0000000000000\n");
    EXPECT_TRUE(read(one("\xff")).ends_with("a unit that is not valid UTF-8")) << read(one("\xff"));
}

TEST(ProtobufParse, AUnitIsWrittenThatEndsTheName) {
    model::metric const value{{}, model::gauge{1}, {}};
    for (auto const& [name, type, unit, shown] : {std::tuple("a_s", model::metric_type::gauge, "s", "s"),
                                                  {"a_s", model::metric_type::gauge, "m", ""},
                                                  {"a_s_total", model::metric_type::gauge, "s", ""},
                                                  {"s", model::metric_type::gauge, "s", ""}}) {
        std::string body;
        append_family(body, {name, {}, type, {&value, 1}, unit});
        auto const expected = std::string(shown).empty() ? std::string() : " in 's'";
        EXPECT_EQ(read(body), "'" + std::string(name) + "' GAUGE -" + expected + "\n  gauge 3ff0000000000000\n");
    }
    model::metric const count{{}, model::counter{1}, {}};
    std::string body;
    append_family(body, {"a_s_total", {}, model::metric_type::counter, {&count, 1}, "s"});
    EXPECT_EQ(read(body), "'a_s_total' COUNTER - in 's'\n  counter 3ff0000000000000\n");
}

TEST(ProtobufParse, AMetricWithoutTheValueOfItsTypeHasOneOfAnotherType) {
    auto const body =
        family("c", 0, [](pbf_writer& out) { metric(out, 2, [](pbf_writer& value) { value.add_double(1, 2); }); });
    model::metric const m{{}, model::untyped{}};
    EXPECT_EQ(read(body), written({"c", {}, model::metric_type::counter, {&m, 1}}));
}

TEST(ProtobufParse, ATimestampIsKept) {
    auto const body = family("u", 3, [](pbf_writer& out) {
        pbf_writer m(out, 4);
        m.add_int64(6, -5);
        pbf_writer value(m, 5);
        value.add_double(1, 2);
    });
    model::metric const m{{}, model::untyped{2}, -5};
    EXPECT_EQ(read(body), written({"u", {}, model::metric_type::untyped, {&m, 1}}));
}

TEST(ProtobufParse, AFloatCountWinsIfItIsPositiveOrAlone) {
    auto const integers = histogram_of([](pbf_writer& h) {
        h.add_uint64(1, 3);
        h.add_double(4, 0);
    });
    EXPECT_NE(integers.find(" histogram 3 "), std::string::npos) << integers;
    auto const floats = histogram_of([](pbf_writer& h) {
        h.add_uint64(1, 3);
        h.add_double(4, 2.5);
    });
    EXPECT_NE(floats.find("float histogram 4004000000000000 "), std::string::npos) << floats;
    auto const alone = histogram_of([](pbf_writer& h) { h.add_double(4, 0); });
    EXPECT_NE(alone.find("float histogram 0000000000000000 "), std::string::npos) << alone;
    auto const bucket = histogram_of([](pbf_writer& h) {
        h.add_uint64(1, 3);
        pbf_writer b(h, 3);
        b.add_double(4, 1.5);
        b.add_double(2, 1);
    });
    EXPECT_NE(bucket.find("float histogram 4008000000000000 0000000000000000 3ff0000000000000:3ff8000000000000"),
              std::string::npos)
        << bucket;
}

TEST(ProtobufParse, NumbersOfNativeBucketsMayBePacked) {
    auto const one_by_one = histogram_of([](pbf_writer& h) {
        pbf_writer span(h, 12);
        span.add_sint32(1, -1);
        span.add_uint32(2, 2);
        span.commit();
        h.add_sint64(13, 4);
        h.add_sint64(13, -3);
    });
    auto const packed = histogram_of([](pbf_writer& h) {
        pbf_writer span(h, 12);
        span.add_sint32(1, -1);
        span.add_uint32(2, 2);
        span.commit();
        std::vector<std::int64_t> const deltas{4, -3};
        h.add_packed_sint64(13, deltas.begin(), deltas.end());
    });
    EXPECT_EQ(one_by_one, packed);
    EXPECT_NE(packed.find(" negative positive -1+2 4 -3\n"), std::string::npos) << packed;
}

TEST(ProtobufParse, ExemplarsOfAFloatHistogramBehindATimestampAreReadOnce) {
    // That the counts are floats is known only when all has been read; then it is read once more.
    auto const body = family("h", 4, [](pbf_writer& out) {
        pbf_writer m(out, 4);
        m.add_int64(6, 5);
        pbf_writer h(m, 7);
        pbf_writer exemplar(h, 16);
        exemplar.add_double(2, 1);
        exemplar.commit();
        h.add_double(4, 1.5);
    });
    auto const text = read(body);
    auto const first = text.find("exemplar");
    ASSERT_NE(first, std::string::npos) << text;
    EXPECT_EQ(text.find("exemplar", first + 1), std::string::npos) << text;
}

TEST(ProtobufParse, AnErrorSaysWhere) {
    auto const good = family("good", 1, [](pbf_writer&) {});
    EXPECT_EQ(read(good + "\x05"),
              "protobuf parsing error at byte 9: a message that goes on behind the end of the body");
    auto const bad_length = family("f", 1, [](pbf_writer& out) {
        metric(out, 2, [](pbf_writer& value) { value.add_double(1, 2); });
        out.add_string(4, "\x12\x7f");
    });
    EXPECT_EQ(
        read(good + bad_length),
        "protobuf parsing error at byte 30, in metric 2 of family \"f\": a field that goes on behind the end of its "
        "message");
    EXPECT_EQ(
        read(delimited("\x22\x02\x0a")),
        "protobuf parsing error at byte 1, in family number 1: a field that goes on behind the end of its message");
    EXPECT_EQ(read(family("f", 6, [](pbf_writer&) {})),
              "protobuf parsing error at byte 1, in family \"f\": a type that is not known");
    EXPECT_EQ(read(std::string(11, '\xff')), "protobuf parsing error at byte 0: a number of more than ten bytes");
    EXPECT_EQ(read(delimited("\x03")), "protobuf parsing error at byte 1, in family number 1: no field of a message");
}

TEST(ProtobufParse, WhatExceedsABoundIsRefused) {
    auto const body = family("s", 2, [](pbf_writer& out) {
        pbf_writer m(out, 4);
        for (auto const* name : {"a", "b"}) {
            pbf_writer label(m, 1);
            label.add_string(1, name);
        }
        pbf_writer value(m, 4);
        for (int i = 0; i != 3; ++i) {
            pbf_writer quantile(value, 3);
            quantile.add_double(1, 0.5);
        }
    });
    EXPECT_EQ(read(body, {.labels_per_sample = 2, .families = 1, .series = 4}).find("error"), std::string::npos);
    EXPECT_NE(read(body, {.labels_per_sample = 1}).find("more labels than a sample may have"), std::string::npos);
    EXPECT_NE(read(body, {.series = 3}).find("more series than a push may have"), std::string::npos);
    EXPECT_NE(read(body + body, {.families = 1}).find("more families than a push may have"), std::string::npos);
    decoded_families decoded;
    EXPECT_EQ(parse(body, {.series = 3}, decoded).error().code, errc::too_large);
}

TEST(ProtobufParse, ALabelNeedsAName) {
    auto const body = family("g", 1, [](pbf_writer& out) {
        pbf_writer m(out, 4);
        pbf_writer label(m, 1);
        label.add_string(2, "v");
    });
    EXPECT_NE(read(body).find("in metric 1 of family \"g\": a label without a name"), std::string::npos);
}

}  // namespace
}  // namespace pushgateway::format::protobuf
