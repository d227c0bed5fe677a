#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <pushgateway/http/request_parser.hpp>

#include "support/read_requests.hpp"

namespace pushgateway::http {
namespace {

using namespace std::string_literals;

using test::read_pieces;
using test::seen_request;
using outcome = test::read_outcome;

// The result of reading `bytes`, after making sure that it is the same for every cut.
outcome read(std::string_view bytes, limits const& bounds = {}) {
    auto const whole = read_pieces({bytes}, bounds);
    for (std::size_t cut = 1; cut < bytes.size(); ++cut) {
        EXPECT_EQ(whole, read_pieces({bytes.substr(0, cut), bytes.substr(cut)}, bounds)) << "cut at " << cut;
    }
    std::vector<std::string_view> singles;
    for (std::size_t i = 0; i < bytes.size(); ++i) singles.push_back(bytes.substr(i, 1));
    EXPECT_EQ(whole, read_pieces(singles, bounds)) << "byte by byte";
    return whole;
}

struct good {
    char const* name;
    std::string bytes;
    std::vector<seen_request> requests;

    friend std::ostream& operator<<(std::ostream& out, good const& g) { return out << g.name; }
};

class accepted : public testing::TestWithParam<good> {};

TEST_P(accepted, whatever_the_cut) {
    auto const got = read(GetParam().bytes);
    EXPECT_EQ(got.requests, GetParam().requests);
    EXPECT_EQ(got.refused, std::nullopt);
    EXPECT_TRUE(got.idle);
}

std::string const host = "Host: a\r\n";

INSTANTIATE_TEST_SUITE_P(
    request_parser, accepted,
    testing::Values(
        good{"get", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", {{"GET", "/", ""}}},
        good{"no_white_space_around_the_value", "GET / HTTP/1.1\r\nHost:a\r\n\r\n", {{"GET", "/", ""}}},
        good{"empty_lines_first", "\r\n\r\nGET / HTTP/1.1\r\n" + host + "\r\n", {{"GET", "/", ""}}},
        good{"body_of_known_length",
             "POST /x HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nhello",
             {{"POST", "/x", "hello"}}},
        good{"length_zero", "PUT /x HTTP/1.1\r\n" + host + "content-length: 000\r\n\r\n", {{"PUT", "/x", ""}}},
        good{"chunks",
             "POST /x HTTP/1.1\r\n" + host +
                 "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0B \t; a=b;c=\"d;\\\"\";e\r\n "
                 "there\r\nyou\r\n0;x\r\n\r\n",
             {{"POST", "/x", "hello there\r\nyou"}}},
        good{"no_chunk",
             "POST / HTTP/1.1\r\n" + host + "transfer-encoding: CHUNKED\r\n\r\n0\r\n\r\n",
             {{"POST", "/", ""}}},
        good{"trailers_are_dropped",
             "POST / HTTP/1.1\r\n" + host +
                 "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n000\r\nContent-Length: 7\r\nA: b\r\n\r\n",
             {{"POST", "/", "x"}}},
        good{"pipeline",
             "POST /1 HTTP/1.1\r\n" + host + "Content-Length: 1\r\n\r\naGET /2 HTTP/1.1\r\n" + host +
                 "\r\nPOST /3 HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
             {{"POST", "/1", "a"}, {"GET", "/2", ""}, {"POST", "/3", "x"}}},
        good{"close", "GET / HTTP/1.1\r\n" + host + "Connection: x, Close\r\n\r\n", {{"GET", "/", "", false}}},
        good{"empty_connection_elements", "GET / HTTP/1.1\r\n" + host + "Connection: , ,\r\n\r\n", {{"GET", "/", ""}}},
        good{"http_1_0_closes", "GET / HTTP/1.0\r\n\r\n", {{"GET", "/", "", false}}},
        good{"http_1_0_keeps_on_request",
             "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\nGET /2 HTTP/1.0\r\n\r\n",
             {{"GET", "/", "", true}, {"GET", "/2", "", false}}},
        good{"http_1_0_ignores_expect",
             "POST / HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
             {{"POST", "/", "x", false}}},
        good{"later_minor_version", "GET / HTTP/1.7\r\n" + host + "\r\n", {{"GET", "/", ""}}},
        good{"absolute_form", "GET http://b:1/x?y HTTP/1.1\r\n" + host + "\r\n", {{"GET", "/x?y", ""}}},
        good{"absolute_form_without_path", "GET HTTPS://b HTTP/1.1\r\n" + host + "\r\n", {{"GET", "/", ""}}},
        good{"absolute_form_with_query_only", "GET http://b?q HTTP/1.1\r\n" + host + "\r\n", {{"GET", "/?q", ""}}},
        good{"absolute_form_for_the_server", "OPTIONS http://b HTTP/1.1\r\n" + host + "\r\n", {{"OPTIONS", "*", ""}}},
        good{"asterisk_form", "OPTIONS * HTTP/1.1\r\n" + host + "\r\n", {{"OPTIONS", "*", ""}}},
        good{"bytes_that_should_be_escaped",
             "GET /\xc3\xa4\"<>{}|\\^`# HTTP/1.1\r\n" + host + "\r\n",
             {{"GET", "/\xc3\xa4\"<>{}|\\^`#", ""}}},
        good{"empty_host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", {{"GET", "/", ""}}},
        good{"ipv6_host", "GET / HTTP/1.1\r\nHost: [::1]:9091\r\n\r\n", {{"GET", "/", ""}}},
        good{"unknown_method", "BREW /pot HTTP/1.1\r\n" + host + "\r\n", {{"BREW", "/pot", ""}}},
        good{"odd_names_and_values",
             "GET / HTTP/1.1\r\n" + host + "!#$%&'*+-.^_`|~09aZ: \t\xff \"\t\r\nB:\r\n\r\n",
             {{"GET", "/", ""}}}),
    [](auto const& info) { return std::string(info.param.name); });

struct bad {
    char const* name;
    std::string bytes;
    refusal expected;

    friend std::ostream& operator<<(std::ostream& out, bad const& b) { return out << b.name; }
};

class refused : public testing::TestWithParam<bad> {};

// After whatever is refused comes a request that must never be seen.
TEST_P(refused, whatever_the_cut_and_nothing_after_it_is_read) {
    auto const got = read(GetParam().bytes + "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_EQ(got.requests, std::vector<seen_request>{});
    ASSERT_TRUE(got.refused.has_value());
    EXPECT_EQ(got.refused->status, GetParam().expected.status);
    EXPECT_EQ(got.refused->text, GetParam().expected.text);
}

bad head(char const* name, std::string const& fields, int status, std::string text) {
    return {name, "POST / HTTP/1.1\r\n" + fields + "\r\n", {status, std::move(text)}};
}

bad chunks(char const* name, std::string const& body, int status, std::string text) {
    return {name, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + body, {status, std::move(text)}};
}

std::string const cl = "Content-Length: 3\r\n";
std::string const te = "Transfer-Encoding: chunked\r\n";
std::string const no_line = ": this is no line of HTTP, which begins with METHOD PATH HTTP/1.1";
std::string const bare_lf = "a line ends in a bare LF instead of CR LF";
std::string const too_large = "the body is larger than 268435456 bytes (limit \"body\")";

INSTANTIATE_TEST_SUITE_P(
    request_line, refused,
    testing::Values(
        bad{"bare_lf", "GET / HTTP/1.1\nHost: a\r\n\r\n", {400, bare_lf}}, bad{"lone_lf", "\n", {400, bare_lf}},
        bad{"cr_before_the_method", "\rGET / HTTP/1.1\r\n", {400, "the method is not a token"}},
        bad{"blank_first", " GET / HTTP/1.1\r\n", {400, "the method is not a token"}},
        bad{"tls_greeting", "\x16\x03\x01"s, {400, foreign_greeting('\x16')}},
        bad{"nul_first", "\0GET"s, {400, foreign_greeting('\0')}},
        bad{"nul_in_method", "G\0T / HTTP/1.1\r\n"s, {400, "the method is not a token followed by one space"}},
        bad{"method_alone", "GET\r\n", {400, "the method is not a token followed by one space" + no_line}},
        bad{"two_blanks",
            "GET  / HTTP/1.1\r\n",
            {400, "there is no request target, or it starts with a character that must not stand in it"}},
        bad{"tab", "GET\t/ HTTP/1.1\r\n", {400, "the method is not a token followed by one space"}},
        bad{"no_version", "GET /\r\n", {400, "one space must follow the request target" + no_line}},
        bad{"blank_in_target",
            "GET /a b HTTP/1.1\r\n",
            {400, "the protocol version is malformed: a blank in the request target is written %20"}},
        bad{"blanks_in_target",
            "PUT /metrics/job/my nightly job HTTP/1.0\r\n",
            {400, "the protocol version is malformed: a blank in the request target is written %20"}},
        bad{"proxy_protocol",
            "PROXY TCP4 192.0.2.1 192.0.2.2 5 6\r\n",
            {400, explain_request_line("PROXY ", "the protocol version is malformed")}},
        bad{"nul_in_target", "GET /a\0 HTTP/1.1\r\n"s, {400, "one space must follow the request target"}},
        bad{"cr_in_target", "GET /a\r HTTP/1.1\r\n", {400, "one space must follow the request target"}},
        bad{"del_in_target", "GET /a\x7f HTTP/1.1\r\n", {400, "one space must follow the request target"}},
        bad{"blank_at_the_end", "GET / HTTP/1.1 \r\n", {400, "the protocol version is malformed"}},
        bad{"lower_case_version", "GET / http/1.1\r\n", {400, "the protocol version is malformed"}},
        bad{"long_version", "GET / HTTP/1.10\r\n", {400, "the protocol version is malformed"}},
        bad{"short_version", "GET / HTTP/1\r\n", {400, "the protocol version is malformed"}},
        bad{"http_2_preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"}},
        bad{"http_0_9", "GET / HTTP/0.9\r\n", {505, "only HTTP/1.0 and HTTP/1.1 are spoken here"}},
        bad{"many_empty_lines", "\r\n\r\n\r\n\r\n\r\n", {400, "too many empty lines before the request"}},
        bad{"connect", "CONNECT a:1 HTTP/1.1\r\n", {501, "this is no proxy: CONNECT is not supported"}},
        bad{"asterisk_with_another_method", "GET * HTTP/1.1\r\n", {400, "the request target * belongs to OPTIONS"}},
        bad{"relative_target",
            "GET a/b HTTP/1.1\r\n",
            {400, "the request target is neither a path nor an absolute URI"}},
        bad{"another_scheme",
            "GET ftp://a/ HTTP/1.1\r\n",
            {400, "the request target is neither an http nor an https URI"}},
        bad{"no_authority",
            "GET http:///x HTTP/1.1\r\n",
            {400, "the request target is neither a path nor an absolute URI"}},
        bad{"credentials_in_target",
            "GET http://u@a/x HTTP/1.1\r\n",
            {400, "the host of the request target is malformed"}}),
    [](auto const& info) { return std::string(info.param.name); });

INSTANTIATE_TEST_SUITE_P(
    fields, refused,
    testing::Values(
        head("bare_lf", "Host: a\nA: b\r\n", 400, bare_lf),  //
        head("bare_lf_at_the_end", "Host: a\r\n\n", 400, bare_lf),
        head("bare_cr", "Host: a\r\nA: b\rc\r\n", 400, "a field value holds a control character"),
        head("cr_cr_lf", "Host: a\r\r\n", 400, "a field value holds a control character"),
        head("nul", "Host: a\r\nA: b\0c\r\n"s, 400, "a field value holds a control character"),
        head("del", "Host: a\r\nA: \x7f\r\n", 400, "a field value holds a control character"),
        head("folded", "Host: a\r\nA: b\r\n c\r\n", 400, "a header field must not be folded over lines"),
        head("folded_by_tab", "Host: a\r\nA: b\r\n\tc\r\n", 400, "a header field must not be folded over lines"),
        head("blank_line_that_is_not_empty", "Host: a\r\n \r\n", 400, "a header field must not be folded over lines"),
        head("space_before_colon", "Host : a\r\n", 400, "white space must not stand before the colon"),
        head("no_colon", "Host: a\r\nabc\r\n", 400, "a field name must be followed by a colon"),
        head("no_name", "Host: a\r\n: b\r\n", 400, "a field name is not a token"),
        head("bad_name", "Host: a\r\nA@: b\r\n", 400, "a field name must be followed by a colon"),
        head("name_beyond_ascii", "Host: a\r\n\xc3\xa4: b\r\n", 400, "a field name is not a token"),
        head("no_host", "", 400, "Host is missing"),
        head("two_hosts", "Host: a\r\nA: b\r\nhost: a\r\n", 400, "Host is given twice"),
        head("host_with_path", "Host: a/b\r\n", 400, "Host is malformed"),
        head("host_list", "Host: a, b\r\n", 400, "Host is malformed"),
        head("host_with_user", "Host: u@a\r\n", 400, "Host is malformed"),
        head("host_port_not_a_number", "Host: a:b\r\n", 400, "Host is malformed"),
        head("two_lengths", "Host: a\r\n" + cl + "Content-Length: 4\r\n", 400, "Content-Length is given twice"),
        head("the_same_length_twice", "Host: a\r\n" + cl + cl, 400, "Content-Length is given twice"),
        head("length_list", "Host: a\r\nContent-Length: 3, 3\r\n", 400, "Content-Length is not a number"),
        head("length_with_sign", "Host: a\r\nContent-Length: +3\r\n", 400, "Content-Length is not a number"),
        head("negative_length", "Host: a\r\nContent-Length: -3\r\n", 400, "Content-Length is not a number"),
        head("hexadecimal_length", "Host: a\r\nContent-Length: 0x3\r\n", 400, "Content-Length is not a number"),
        head("empty_length", "Host: a\r\nContent-Length:\r\n", 400, "Content-Length is not a number"),
        head("length_with_blank", "Host: a\r\nContent-Length: 3 3\r\n", 400, "Content-Length is not a number"),
        head("huge_length", "Host: a\r\nContent-Length: 99999999999999999999999\r\n", 413, too_large),
        head("huge_length_and_more", "Host: a\r\nContent-Length: 99999999999999999999999x\r\n", 400,
             "Content-Length is not a number"),
        head("large_length", "Host: a\r\nContent-Length: 268435457\r\n", 413, too_large),
        head("length_and_coding", "Host: a\r\n" + cl + te, 400,
             "Content-Length and Transfer-Encoding exclude each other"),
        head("coding_and_length", "Host: a\r\n" + te + cl, 400,
             "Content-Length and Transfer-Encoding exclude each other"),
        head("unknown_coding", "Host: a\r\nTransfer-Encoding: gzip, chunked\r\n", 501,
             "transfer coding \"gzip\" is not supported"),
        head("identity", "Host: a\r\nTransfer-Encoding: identity\r\n", 501,
             "transfer coding \"identity\" is not supported"),
        head("coding_with_a_twist", "Host: a\r\nTransfer-Encoding: xchunked\r\n", 501,
             "transfer coding \"xchunked\" is not supported"),
        head("chunked_not_last", "Host: a\r\nTransfer-Encoding: chunked, gzip\r\n", 400,
             "chunked must be the last transfer coding, and stand there once"),
        head("chunked_twice", "Host: a\r\n" + te + te, 400,
             "chunked must be the last transfer coding, and stand there once"),
        head("chunked_with_parameter", "Host: a\r\nTransfer-Encoding: chunked;q=1\r\n", 400,
             "Transfer-Encoding is malformed"),
        head("empty_coding", "Host: a\r\nTransfer-Encoding:\r\n", 400, "Transfer-Encoding is malformed"),
        head("empty_coding_element", "Host: a\r\nTransfer-Encoding: , chunked\r\n", 400,
             "Transfer-Encoding is malformed"),
        head("coding_with_vertical_tab", "Host: a\r\nTransfer-Encoding: \vchunked\r\n", 400,
             "a field value holds a control character"),
        head("another_expectation", "Host: a\r\nExpect: coffee\r\n", 417,
             "the only expectation that can be met is 100-continue"),
        bad{"coding_in_http_1_0",
            "POST / HTTP/1.0\r\n" + te + "\r\n",
            {400, "Transfer-Encoding does not exist in HTTP/1.0"}}),
    [](auto const& info) { return std::string(info.param.name); });

std::string const not_hexadecimal = "a chunk size is not a hexadecimal number";
std::string const not_extension = "a chunk size is followed by something other than a chunk extension";
std::string const longer = "a chunk is longer than its size says";

INSTANTIATE_TEST_SUITE_P(
    chunked_body, refused,
    testing::Values(chunks("no_size", "\r\n", 400, not_hexadecimal),  //
                    chunks("extension_without_size", ";a\r\n", 400, not_hexadecimal),
                    chunks("negative", "-1\r\n", 400, not_hexadecimal),
                    chunks("blank_first", " 1\r\nx\r\n0\r\n\r\n", 400, not_hexadecimal),
                    chunks("prefix", "0x1\r\nx\r\n0\r\n\r\n", 400, not_extension),
                    chunks("more_after_a_blank", "1 1\r\nx\r\n0\r\n\r\n", 400, not_extension),
                    chunks("other_space_after_size", "1\v\r\nx\r\n0\r\n\r\n", 400, not_extension),
                    chunks("nul_in_extension", "1;a\0\r\n"s, 400, not_extension),
                    chunks("unterminated_quote", "1;a=\"b\r\n", 400, not_extension),
                    chunks("quote_ends_in_escape", "1;a=\"b\\\r\n", 400, not_extension),
                    chunks("empty_extension", "1;\r\n", 400, not_extension),
                    chunks("bare_lf_after_size", "1\nx\r\n0\r\n\r\n", 400, bare_lf),
                    chunks("bare_lf_in_extension", "1;a\nx\r\n0\r\n\r\n", 400, bare_lf),
                    chunks("longer_than_its_size", "1\r\nxy\r\n0\r\n\r\n", 400, longer),
                    chunks("bare_lf_after_data", "1\r\nx\n0\r\n\r\n", 400, longer),
                    chunks("cr_without_lf_after_data", "1\r\nx\r0\r\n\r\n", 400, longer),
                    chunks("overflow", "11111111111111111\r\n", 400, "a chunk size is out of range"),
                    chunks("largest_number", "ffffffffffffffff\r\n", 413, too_large),
                    chunks("together_too_large", "1\r\nx\r\n10000000\r\n", 413, too_large),
                    chunks("bad_trailer", "0\r\nA : b\r\n\r\n", 400, "white space must not stand before the colon"),
                    chunks("bare_lf_at_the_end", "0\r\n\n", 400, bare_lf)),
    [](auto const& info) { return std::string(info.param.name); });

limits small_limits() {
    limits out;
    out.request_line = 40;
    out.header = 80;
    out.header_fields = 3;
    out.body = 10;
    return out;
}

TEST(request_parser, takes_blanks_behind_a_chunk_size) {
    for (std::string const blanks : {" ", "\t", "   \t ", ";a ", " ; a = \"b\" "}) {
        auto const got = read("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1" + blanks +
                              "\r\nx\r\n0" + blanks + "\r\n\r\n");
        ASSERT_EQ(got.requests.size(), 1U) << blanks;
        EXPECT_EQ(got.requests.front().body, "x");
    }
}

TEST(request_parser, request_line_limit_counts_the_line_end) {
    std::string const line = "GET /" + std::string(24, 'x') + " HTTP/1.1\r\n";
    ASSERT_EQ(line.size(), 40U);
    EXPECT_EQ(read(line + "Host: a\r\n\r\n", small_limits()).requests.size(), 1U);
    auto const longer = read("GET /x" + line.substr(5) + "Host: a\r\n\r\n", small_limits());
    EXPECT_EQ(longer.refused, (refusal{414, "the request line is longer than 40 bytes (limit \"request-line\")",
                                       limit_kind::request_line}));
    EXPECT_TRUE(longer.requests.empty());
}

TEST(request_parser, header_limit_counts_the_whole_head) {
    std::string const start = "GET / HTTP/1.1\r\nHost: a\r\n";
    auto const filled = [&](std::size_t size) {
        return start + "A: " + std::string(size - start.size() - 7, 'x') + "\r\n\r\n";
    };
    ASSERT_EQ(filled(80).size(), 80U);
    EXPECT_EQ(read(filled(80), small_limits()).requests.size(), 1U);
    EXPECT_EQ(read(filled(81), small_limits()).refused,
              (refusal{431, "the head is larger than 80 bytes (limit \"header\")", limit_kind::header}));
    EXPECT_EQ(read(start + "A: " + std::string(500, 'x'), small_limits()).refused,
              (refusal{431, "the head is larger than 80 bytes (limit \"header\")", limit_kind::header}));
}

TEST(request_parser, field_count_limit_includes_trailers) {
    refusal const too_many{431, "there are more than 3 header fields (limit \"header-fields\")",
                           limit_kind::header_fields};
    EXPECT_EQ(read("GET / HTTP/1.1\r\nHost: a\r\nA:\r\nB:\r\n\r\n", small_limits()).requests.size(), 1U);
    EXPECT_EQ(read("GET / HTTP/1.1\r\nHost: a\r\nA:\r\nB:\r\nC:\r\n\r\n", small_limits()).refused, too_many);
    std::string const chunked = "P / HTTP/1.1\r\nHost:\r\nTransfer-Encoding:chunked\r\n\r\n0\r\nA:\r\n";
    EXPECT_EQ(read(chunked + "\r\n", small_limits()).requests.size(), 1U);
    EXPECT_EQ(read(chunked + "B:\r\n\r\n", small_limits()).refused, too_many);
}

TEST(request_parser, body_limit) {
    std::string const head = "P / HTTP/1.1\r\nHost: a\r\n";
    refusal const expected{413, "the body is larger than 10 bytes (limit \"body\")", limit_kind::body};
    EXPECT_EQ(read(head + "Content-Length: 10\r\n\r\n0123456789", small_limits()).requests.size(), 1U);
    EXPECT_EQ(read(head + "Content-Length: 11\r\n\r\n", small_limits()).refused, expected);
    std::string const chunked = head + "Transfer-Encoding: chunked\r\n\r\n4\r\n0123\r\n";
    EXPECT_EQ(read(chunked + "6\r\n456789\r\n0\r\n\r\n", small_limits()).requests.size(), 1U);
    EXPECT_EQ(read(chunked + "7\r\n", small_limits()).refused, expected);
}

TEST(request_parser, chunk_lines_are_bounded) {
    std::string const head = "P / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    EXPECT_EQ(read_pieces({head + "1;a=" + std::string(5000, 'x') + "\r\n"}).refused,
              (refusal{400, "the line before a chunk is too long"}));
    EXPECT_EQ(read_pieces({head + std::string(5000, '0')}).refused,
              (refusal{400, "the line before a chunk is too long"}));
    limits bounds;
    bounds.header = 100;
    auto const chunk = "1;a=" + std::string(46, 'x') + "\r\ny\r\n";
    EXPECT_EQ(read(head + chunk + chunk + "0\r\n\r\n", bounds).requests.size(), 1U);
    EXPECT_EQ(read(head + chunk + chunk + chunk, bounds).refused, (refusal{400, "the chunk extensions are too large"}));
}

TEST(request_parser, keeps_fields_in_order_and_trims_their_values) {
    limits const bounds;
    request_parser parser(bounds);
    parser.feed("GET / HTTP/1.1\r\nHost: a\r\nb: \t x  y \t\r\nB:z\r\n\r\n");
    ASSERT_TRUE(parser.complete());
    auto const& fields = parser.message().fields;
    ASSERT_EQ(fields.size(), 3U);
    EXPECT_EQ(fields[1].name, "b");
    EXPECT_EQ(fields[1].value, "x  y");
    EXPECT_EQ(fields[2].value, "z");
}

TEST(request_parser, the_host_of_an_absolute_target_replaces_host) {
    limits const bounds;
    request_parser parser(bounds);
    parser.feed("GET http://real:1/x HTTP/1.1\r\nHost: pretended\r\n\r\n");
    ASSERT_TRUE(parser.complete());
    EXPECT_EQ(parser.message().header("Host"), "real:1");
    parser.next();
    parser.feed("GET / HTTP/1.1\r\nHost: next\r\n\r\n");
    ASSERT_TRUE(parser.complete());
    EXPECT_EQ(parser.message().header("Host"), "next");
}

TEST(request_parser, expects_continue_until_the_body_begins) {
    limits const bounds;
    std::string const head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n";
    for (std::string const framing : {"Content-Length: 2\r\n", "Transfer-Encoding: chunked\r\n"}) {
        request_parser parser(bounds);
        parser.feed(head + framing);
        EXPECT_FALSE(parser.expects_continue());
        parser.feed("\r\n");
        EXPECT_TRUE(parser.expects_continue());
        parser.feed("1");
        EXPECT_FALSE(parser.expects_continue());
    }
    request_parser parser(bounds);
    parser.feed(head + "Content-Length: 2\r\n\r\n");
    parser.continued();
    EXPECT_FALSE(parser.expects_continue());
    request_parser bodyless(bounds);
    bodyless.feed(head + "\r\n");
    EXPECT_FALSE(bodyless.expects_continue());
    EXPECT_TRUE(bodyless.complete());
    request_parser too_large(bounds);
    too_large.feed(head + "Content-Length: 999999999\r\n\r\n");
    EXPECT_FALSE(too_large.expects_continue());
    EXPECT_EQ(too_large.failure().status, 413);
}

TEST(request_parser, tells_where_it_stands) {
    limits const bounds;
    request_parser parser(bounds);
    parser.message().remote = "peer";
    EXPECT_TRUE(parser.idle());
    parser.feed("\r\n");
    EXPECT_TRUE(parser.idle());
    parser.feed("P");
    EXPECT_FALSE(parser.idle());
    EXPECT_FALSE(parser.in_body());
    parser.feed("OST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\na");
    EXPECT_TRUE(parser.in_body());
    parser.feed("b");
    EXPECT_TRUE(parser.complete());
    EXPECT_FALSE(parser.in_body());
    parser.next();
    EXPECT_TRUE(parser.idle());
    parser.release();
    EXPECT_EQ(parser.message().remote, "peer");
    parser.feed("GET ");
    parser.abandon({408, "too slow"});
    EXPECT_TRUE(parser.failed());
    EXPECT_EQ(parser.failure(), (refusal{408, "too slow"}));
    EXPECT_EQ(parser.feed("/ HTTP/1.1\r\n"), 0U);
}

TEST(request_parser, does_not_reserve_what_is_only_announced) {
    limits const bounds;
    request_parser parser(bounds);
    parser.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 268435456\r\n\r\nx");
    EXPECT_TRUE(parser.in_body());
    EXPECT_LE(parser.message().body.capacity(), std::size_t{1} << 20);
}

// ---- laws

struct sample_request {
    seen_request expected;
    std::string bytes;
};

void showValue(sample_request const& r, std::ostream& out) { out << r.bytes; }

rc::Gen<std::string> word(std::string alphabet) {
    return rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::elementOf(std::move(alphabet))));
}

rc::Gen<sample_request> any_request() {
    return rc::gen::exec([] {
        sample_request out;
        auto& e = out.expected;
        e.method = *word("ABCXYZ-!~");
        e.target = "/" + *word("abc/%20?&=\xc3\xa4@");
        e.keep_alive = *rc::gen::arbitrary<bool>();
        out.bytes = e.method + " " + e.target + " HTTP/1.1\r\n";
        out.bytes += *rc::gen::element<std::string>("Host: a\r\n", "HOST:\tb:80 \r\n", "host:\r\n");
        if (!e.keep_alive) out.bytes += "Connection: close\r\n";
        auto const extra = *rc::gen::inRange(0, 4);
        for (int i = 0; i < extra; ++i) out.bytes += *word("abcABC-_") + "x: " + *word("abc \t,;:\"\xff") + "\r\n";
        auto const pieces = *rc::gen::container<std::vector<std::string>>(word("ab\r\n0:;\0"s));
        for (auto const& p : pieces) e.body += p;
        if (*rc::gen::arbitrary<bool>()) {
            out.bytes += "Transfer-Encoding: chunked\r\n\r\n";
            for (auto const& p : pieces) {
                char size[32];
                *std::to_chars(size, size + sizeof size, p.size(), 16).ptr = '\0';
                out.bytes += *rc::gen::element<std::string>("", "0", "000") + size;
                out.bytes += *rc::gen::element<std::string>("", ";a", " ; a = \"\\\"\"", ";b=c;d");
                out.bytes += "\r\n" + p + "\r\n";
            }
            out.bytes += *rc::gen::element<std::string>("0\r\n\r\n", "00;x\r\n\r\n", "0\r\nA: b\r\n\r\n");
        } else {
            if (!e.body.empty() || *rc::gen::arbitrary<bool>()) {
                out.bytes += "Content-Length: " + std::to_string(e.body.size()) + "\r\n";
            }
            out.bytes += "\r\n" + e.body;
        }
        return out;
    });
}

std::vector<std::string_view> cut(std::string_view bytes, std::vector<std::size_t> const& sizes) {
    std::vector<std::string_view> out;
    for (auto size : sizes) {
        size = std::min(size, bytes.size());
        out.push_back(bytes.substr(0, size));
        bytes.remove_prefix(size);
    }
    out.push_back(bytes);
    return out;
}

rc::Gen<std::vector<std::size_t>> any_cuts() {
    return rc::gen::container<std::vector<std::size_t>>(rc::gen::inRange<std::size_t>(0, 40));
}

RC_GTEST_PROP(request_parser_laws, a_pipeline_is_read_as_it_was_written, ()) {
    auto const requests = *rc::gen::container<std::vector<sample_request>>(any_request());
    std::string bytes;
    outcome expected;
    for (auto const& r : requests) {
        bytes += r.bytes;
        expected.requests.push_back(r.expected);
    }
    RC_ASSERT(read_pieces(cut(bytes, *any_cuts())) == expected);
}

RC_GTEST_PROP(request_parser_laws, damage_reads_the_same_whatever_the_cut, ()) {
    auto const requests = *rc::gen::nonEmpty(rc::gen::container<std::vector<sample_request>>(any_request()));
    std::string bytes;
    for (auto const& r : requests) bytes += r.bytes;
    auto const blows = *rc::gen::inRange(1, 4);
    for (int i = 0; i < blows; ++i) {
        auto const at = *rc::gen::inRange<std::size_t>(0, bytes.size());
        auto const with = *rc::gen::elementOf("\r\n\0 \t:;,0f/\x7f\xff"s);
        if (*rc::gen::arbitrary<bool>()) {
            bytes[at] = with;
        } else {
            bytes.insert(at, 1, with);
        }
    }
    auto const whole = read_pieces({bytes});
    RC_ASSERT(read_pieces(cut(bytes, *any_cuts())) == whole);
    RC_ASSERT(whole.requests.size() <= bytes.size() / 16);
    RC_ASSERT(test::broken_request_law(bytes, *rc::gen::inRange<std::size_t>(0, 40), {}) == "");
}

}  // namespace
}  // namespace pushgateway::http
