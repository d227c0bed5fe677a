#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/http_client.hpp>

namespace {

using namespace pushgateway::test;

TEST(http_client, reads_each_framing) {
    auto const all = parse_replies(
        "HTTP/1.1 100 Continue\r\n\r\n"
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nA:  b \r\n\r\nhi"
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        "HTTP/1.1 204 No Content\r\n\r\n"
        "HTTP/1.0 200 OK\r\n\r\nto the end");
    ASSERT_TRUE(all) << all.error().message;
    ASSERT_EQ(all->size(), 5u);
    EXPECT_EQ((*all)[0].status, 100);
    EXPECT_EQ((*all)[1].body, "hi");
    EXPECT_EQ((*all)[1].header("a"), "b");
    EXPECT_EQ((*all)[1].header("c"), std::nullopt);
    EXPECT_EQ((*all)[2].body, "abcde");
    EXPECT_EQ((*all)[4].body, "to the end");
    EXPECT_TRUE((*all)[4].closes());
    EXPECT_FALSE((*all)[1].closes());
}

TEST(http_client, knows_that_head_has_no_body) {
    std::string const bytes = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    EXPECT_TRUE(parse_replies(bytes, {true}));
    EXPECT_FALSE(parse_replies(bytes, {false}));
}

TEST(http_client, every_cut_needs_more) {
    std::string const bytes = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    for (std::size_t n = 0; n < bytes.size(); ++n) {
        std::string_view rest = std::string_view(bytes).substr(0, n);
        auto const r = parse_reply(rest, false, false);
        ASSERT_TRUE(r) << n;
        EXPECT_FALSE(r->has_value()) << n;
    }
}

class http_client_strictness : public testing::TestWithParam<std::string> {};

TEST_P(http_client_strictness, refuses) { EXPECT_FALSE(parse_replies(GetParam())); }

INSTANTIATE_TEST_SUITE_P(
    all, http_client_strictness,
    testing::Values("HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 20 OK\r\nContent-Length: 0\r\n\r\n",
                    "HTTP/1.1 2000\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\nContent-Length: 0\n\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 0x1\r\n\r\na", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nno framing",
                    "HTTP/1.1 200 OK\r\nA : b\r\nContent-Length: 0\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nA\r\nContent-Length: 0\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nA: b\nc\r\nContent-Length: 0\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nz\r\n",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nTrailer: x\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\njunk"));

TEST(http_client, says_when_nobody_listens) {
    http_client client("127.0.0.1", 1);
    auto const reply = client.send("GET", "/");
    ASSERT_FALSE(reply);
    EXPECT_EQ(reply.error().code, pushgateway::errc::unavailable);
}

}  // namespace
