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

enum class field_number : protozero::pbf_tag_type {};

constexpr int largest_number = (1 << 29) - 1;

/// One field of a message; `is` says which of the other members count.
struct field {
    enum class kind : std::uint8_t { text, number, whole, zigzag, type, message } is = kind::text;
    field_number at{1};
    std::string text = {};
    double number = 0;
    std::int64_t whole = 0;
    std::vector<field> fields = {};
};

template <class Sink>
void put(Sink& sink, std::vector<field> const& fields) {
    for (auto const& f : fields) {
        switch (f.is) {
            case field::kind::text: sink.text(f.at, f.text); break;
            case field::kind::number: sink.number(f.at, f.number); break;
            case field::kind::whole: sink.whole(f.at, f.whole); break;
            case field::kind::zigzag: sink.zigzag(f.at, f.whole); break;
            case field::kind::type: sink.type(f.at, model::metric_type::gauge_histogram); break;
            case field::kind::message: sink.message(f.at, [&f](Sink& inner) { put(inner, f.fields); }); break;
        }
    }
}

std::string expected(std::vector<field> const& fields);

void put_with_protozero(protozero::pbf_writer& out, std::vector<field> const& fields) {
    for (auto const& f : fields) {
        auto const tag = static_cast<protozero::pbf_tag_type>(f.at);
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
    put_with_protozero(writer, fields);
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
        made.at = static_cast<field_number>(*rc::gen::element(1, 2, 15, 16, 2047, 2048, largest_number));
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
    for (auto const size : std::initializer_list<std::size_t>{
             0,      1,      100,    123,    124,    125,    126,    127,    128,       129,
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

// One field at a time, so that the room of one does not hide that another has too little.
TEST(ProtobufWire, StaysWithinWhatWasCounted) {
    auto const largest = static_cast<field_number>(largest_number);
    std::vector<field> all;
    for (auto const kind : {field::kind::whole, field::kind::zigzag}) {
        for (auto const value : {INT64_MIN, std::int64_t{-1}, INT64_MAX}) {
            all.push_back({.is = kind, .at = largest, .whole = value});
        }
    }
    all.push_back({.is = field::kind::type, .at = largest});
    all.push_back({.is = field::kind::number, .at = largest});
    for (auto const size : std::initializer_list<std::size_t>{0, 1, 127, 128, 16'383, 16'384}) {
        all.push_back({.is = field::kind::text, .at = largest, .text = std::string(size, 'x')});
    }
    for (std::size_t i = 0, fields = all.size(); i != fields; ++i) {
        all.push_back({.is = field::kind::message, .at = largest, .fields = {all[i]}});
    }
    all.push_back({.is = field::kind::message, .at = largest});
    for (auto const& one : all) {
        wire_bound bound;
        put(bound, {one});
        EXPECT_LE(expected({one}).size(), bound.bytes())
            << "kind " << static_cast<int>(one.is) << ", " << one.whole << ", text of " << one.text.size();
    }
}

TEST(ProtobufWire, NumbersTakeTheBytesThatAreSaid) {
    for (int bits = 0; bits != 64; ++bits) {
        for (auto const value : {(std::uint64_t{1} << bits) - 1, std::uint64_t{1} << bits}) {
            char bytes[most_varint_bytes];
            EXPECT_EQ(put_varint(bytes, value), bytes + varint_bytes(value)) << value;
        }
    }
    EXPECT_EQ(varint_bytes(UINT64_MAX), most_varint_bytes);
}

TEST(ProtobufWire, ComesBehindWhatIsThere) {
    field text;
    text.text = "text";
    EXPECT_EQ(written({text}, "before"), "before" + expected({text}));
    EXPECT_EQ(written({}, "before"), "before");
}

}  // namespace
}  // namespace pushgateway::format::protobuf::detail
