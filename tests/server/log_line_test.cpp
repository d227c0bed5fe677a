#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <memory>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include <boost/json.hpp>
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <spdlog/sinks/ostream_sink.h>

#include <pushgateway/server/log.hpp>
#include <pushgateway/server/log_line.hpp>

namespace pushgateway::server {
namespace {

using namespace std::chrono_literals;
using pairs = std::map<std::string, std::string>;

bool is_one_line(std::string_view line) {
    return std::ranges::none_of(line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }) &&
           valid_utf8(line);
}

// Undoes `append_quoted`, from the quote at the beginning of `rest` on.
std::optional<std::string> unquote(std::string_view& rest) {
    std::string out;
    rest.remove_prefix(1);
    while (!rest.empty() && rest.front() != '"') {
        if (rest.front() != '\\') {
            out += rest.front();
            rest.remove_prefix(1);
            continue;
        }
        if (rest.size() < 2) return std::nullopt;
        char const kind = rest[1];
        rest.remove_prefix(2);
        std::size_t const digits = kind == 'x' ? 2 : kind == 'u' ? 4 : 0;
        unsigned code = 0;
        if (std::from_chars(rest.data(), rest.data() + digits, code, 16).ptr != rest.data() + digits)
            return std::nullopt;
        rest.remove_prefix(digits);
        switch (kind) {
            case 'n': out += '\n'; break;
            case 'r': out += '\r'; break;
            case 't': out += '\t'; break;
            case 'x': out += static_cast<char>(code); break;
            case 'u':
                out += code == 0x2028   ? "\u2028"
                       : code == 0x2029 ? "\u2029"
                                        : std::string{'\xc2', static_cast<char>(code)};
                break;
            default: out += kind;
        }
    }
    if (rest.empty()) return std::nullopt;
    rest.remove_prefix(1);
    return out;
}

std::optional<pairs> parse_logfmt(std::string_view line) {
    pairs out;
    while (!line.empty()) {
        auto const equals = line.find('=');
        if (equals == std::string_view::npos) return std::nullopt;
        std::string const key(line.substr(0, equals));
        line.remove_prefix(equals + 1);
        if (line.starts_with('"')) {
            auto value = unquote(line);
            if (!value) return std::nullopt;
            out[key] = *value;
        } else {
            auto const end = std::min(line.find(' '), line.size());
            out[key] = line.substr(0, end);
            line.remove_prefix(end);
        }
        if (!line.empty() && line.front() != ' ') return std::nullopt;
        if (!line.empty()) line.remove_prefix(1);
    }
    return out;
}

TEST(log_line, has_the_shape_of_the_original) {
    std::array const fields{log_field{"method", "PUT"}, log_field{"err", "a \"b\"\nc"}, log_field{"empty", ""}};
    log_record const record{timestamp(1700000000005ms), log_level::warn, "daemon.hpp:7", "Listening on", fields};
    EXPECT_EQ(logfmt_line(record),
              "ts=2023-11-14T22:13:20.005Z level=warn caller=daemon.hpp:7 msg=\"Listening on\" method=PUT "
              "err=\"a \\\"b\\\"\\nc\" empty=\"\"");
    EXPECT_EQ(json_line(record),
              R"({"ts":"2023-11-14T22:13:20.005Z","level":"warn","caller":"daemon.hpp:7","msg":"Listening on",)"
              R"("method":"PUT","err":"a \"b\"\nc","empty":""})");
}

TEST(log_line, is_one_line_that_reads_back_whatever_is_in_it) {
    EXPECT_TRUE(rc::check([] {
        auto const any = rc::gen::container<std::string>(rc::gen::oneOf(
            rc::gen::arbitrary<char>(),
            rc::gen::element('\n', '"', '\\', '=', ' ', '\r', '\xe2', '\x80', '\xa8', '\xc2', '\x85', '\0')));
        auto const message = *any;
        auto const value = *any;
        std::array const fields{log_field{"k", value}};
        log_record const record{timestamp(0ns), log_level::error, "a:1", message, fields};

        auto const line = logfmt_line(record);
        RC_ASSERT(is_one_line(line));
        auto const read = parse_logfmt(line);
        RC_ASSERT(read.has_value());
        RC_ASSERT(*read == (pairs{{"ts", "1970-01-01T00:00:00.000Z"},
                                  {"level", "error"},
                                  {"caller", "a:1"},
                                  {"msg", message},
                                  {"k", value}}));

        auto const json = json_line(record);
        RC_ASSERT(std::ranges::none_of(json, [](char c) { return static_cast<unsigned char>(c) < 0x20; }));
        auto const object = boost::json::parse(json).as_object();
        RC_ASSERT(object.size() == 5u);
        RC_ASSERT(object.at("msg").as_string() == http::valid_text(message));
        RC_ASSERT(object.at("k").as_string() == http::valid_text(value));
    }));
}

TEST(log_writer, writes_what_is_enabled) {
    std::ostringstream out;
    log_writer const log(log_level::warn, log_format::logfmt, std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
    EXPECT_TRUE(log.enabled(log_level::error));
    EXPECT_FALSE(log.enabled(log_level::info));
    log(log_level::info, "not this");
    log(log_level::warn, "{} %v this", {{"a", "{}"}});
    auto const line = out.str();
    EXPECT_EQ(std::ranges::count(line, '\n'), 1);
    EXPECT_NE(line.find(" level=warn caller=log_line_test.cpp:"), std::string::npos) << line;
    EXPECT_TRUE(line.ends_with(" msg=\"{} %v this\" a={}\n")) << line;
}

TEST(log_writer, writes_json) {
    std::ostringstream out;
    log_writer const log(log_level::debug, log_format::json, std::make_shared<spdlog::sinks::ostream_sink_mt>(out));
    log(log_level::debug, "x");
    EXPECT_EQ(boost::json::parse(out.str()).at("msg").as_string(), "x");
}

}  // namespace
}  // namespace pushgateway::server
