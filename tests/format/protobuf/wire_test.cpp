// The wire format against another writer of it.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <protozero/pbf_writer.hpp>
#include <rapidcheck.h>

#include <pushgateway/format/protobuf/detail/wire.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format::protobuf::detail {
namespace {

enum class any_field : protozero::pbf_tag_type {};

/// One field of a message; what kind says which of the others count.
struct field {
    enum class kind : std::uint8_t { text, number, whole, zigzag, type, message } is = kind::text;
    any_field name{1};
    std::string text;
    double number = 0;
    std::int64_t whole = 0;
    std::vector<field> fields;
};

template <class Sink>
void put(Sink& sink, std::vector<field> const& fields) {
    for (auto const& f : fields) {
        switch (f.is) {
            case field::kind::text: sink.text(f.name, f.text); break;
            case field::kind::number: sink.number(f.name, f.number); break;
            case field::kind::whole: sink.whole(f.name, f.whole); break;
            case field::kind::zigzag: sink.zigzag(f.name, f.whole); break;
            case field::kind::type: sink.type(f.name, model::metric_type::gauge_histogram); break;
            case field::kind::message: sink.message(f.name, [&f](Sink& inner) { put(inner, f.fields); }); break;
        }
    }
}

std::string expected(std::vector<field> const& fields);

void put_elsewhere(protozero::pbf_writer& out, std::vector<field> const& fields) {
    for (auto const& f : fields) {
        auto const tag = static_cast<protozero::pbf_tag_type>(f.name);
        switch (f.is) {
            case field::kind::text: out.add_string(tag, f.text); break;
            case field::kind::number: out.add_double(tag, f.number); break;
            case field::kind::whole: out.add_uint64(tag, static_cast<std::uint64_t>(f.whole)); break;
            case field::kind::zigzag: out.add_sint64(tag, f.whole); break;
            case field::kind::type: out.add_enum(tag, static_cast<int>(model::metric_type::gauge_histogram)); break;
            // Not as a writer within the writer, which would leave an empty message out.
            case field::kind::message: out.add_message(tag, expected(f.fields)); break;
        }
    }
}

std::string expected(std::vector<field> const& fields) {
    std::string out;
    protozero::pbf_writer writer(out);
    put_elsewhere(writer, fields);
    return out;
}

std::string written(std::vector<field> const& fields, std::string before = {}) {
    append_wire(before, [&fields](auto& sink) { put(sink, fields); });
    return before;
}

rc::Gen<std::vector<field>> any_fields(int depth) {
    auto const kinds = depth == 0 ? 5 : 6;
    return rc::gen::container<std::vector<field>>(rc::gen::exec([=] {
        field made;
        made.is = static_cast<field::kind>(*rc::gen::inRange(0, kinds));
        made.name = static_cast<any_field>(*rc::gen::element(1, 2, 15, 16, 2047, 2048, (1 << 29) - 1));
        made.whole = *rc::gen::arbitrary<std::int64_t>();
        made.number = *rc::gen::arbitrary<double>();
        if (made.is == field::kind::text) made.text = *rc::gen::string<std::string>();
        if (made.is == field::kind::message) made.fields = *any_fields(depth - 1);
        return made;
    }));
}

TEST(ProtobufWire, IsWhatAnotherWriterWrites) {
    EXPECT_TRUE(rc::check([] {
        auto const fields = *any_fields(3);
        RC_ASSERT(written(fields) == expected(fields));
    }));
}

TEST(ProtobufWire, LengthsTakeAsManyBytesAsTheyNeed) {
    for (std::size_t const size :
         {0,      1,      100,    123,    124,    125,    126,    127,    128,       129,
          16'000, 16'379, 16'380, 16'381, 16'382, 16'383, 16'384, 16'385, 2'097'151, 2'097'152}) {
        field text;
        text.text.assign(size, 'x');
        field inner;
        inner.is = field::kind::message;
        inner.fields = {text};
        field outer = inner;
        outer.fields = {inner, text};
        EXPECT_TRUE(written({outer}) == expected({outer})) << size;
    }
}

TEST(ProtobufWire, NumbersAtTheirLimits) {
    for (auto const kind : {field::kind::whole, field::kind::zigzag}) {
        for (auto const value : {INT64_MIN, INT64_MIN + 1, std::int64_t{-1}, std::int64_t{0}, std::int64_t{1},
                                 std::int64_t{127}, std::int64_t{128}, INT64_MAX}) {
            field one;
            one.is = kind;
            one.whole = value;
            EXPECT_EQ(written({one}), expected({one})) << value;
        }
    }
}

TEST(ProtobufWire, StaysWithinWhatWasCounted) {
    EXPECT_TRUE(rc::check([] {
        auto const fields = *any_fields(3);
        wire_bound bound;
        put(bound, fields);
        RC_ASSERT(expected(fields).size() <= bound.bytes());
    }));
}

TEST(ProtobufWire, ComesBehindWhatIsThere) {
    field text;
    text.text = "text";
    EXPECT_EQ(written({text}, "before"), "before" + expected({text}));
    EXPECT_EQ(written({}, "before"), "before");
}

}  // namespace
}  // namespace pushgateway::format::protobuf::detail
