// What a command gets of a server that it asks for one document.

#include <cstddef>
#include <string>

#include <gtest/gtest.h>

#include <pushgateway/server/plain_get.hpp>

#include "scripted_peer.hpp"

namespace pushgateway::server {
namespace {

/// The document, or why there is none.
std::string got(std::string const& answer, std::size_t limit = 1000, bool reset = false) {
    test::scripted_peer peer({answer}, reset);
    auto const document = plain_get({"127.0.0.1", peer.port(), "/p"}, "/x?y", limit);
    peer.join();
    EXPECT_EQ(peer.asked.at(0), "GET /p/x?y HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n");
    if (document) return *document;
    EXPECT_EQ(document.error().code, errc::unavailable);
    auto const where = "127.0.0.1:" + peer.port() + ": ";
    EXPECT_TRUE(document.error().message.starts_with(where)) << document.error().message;
    return '!' + document.error().message.substr(where.size());
}

TEST(plain_get, is_what_follows_the_head) {
    EXPECT_EQ(got("HTTP/1.1 200 OK\r\nA: b\r\n\r\nall of it\r\n\r\n"), "all of it\r\n\r\n");
    EXPECT_EQ(got("HTTP/1.0 200 OK\r\n\r\n"), "");
    std::string const large(300'000, 'x');
    EXPECT_EQ(got("HTTP/1.1 200 OK\r\n\r\n" + large, 1'000'000), large);
}

TEST(plain_get, tells_what_it_did_not_get) {
    EXPECT_EQ(got("HTTP/1.1 404 Not Found\r\n\r\n"), "!answers 404 Not Found");
    EXPECT_EQ(got("SSH-2.0-x\r\n\r\n"), "!this is no HTTP server");
    EXPECT_EQ(got("HTTP/1.1 200 OK\r\n"), "!this is no HTTP server");
    EXPECT_EQ(got(""), "!this is no HTTP server");
    EXPECT_EQ(got("HTTP/1.1 200 OK\r\n\r\n12345", 23), "!the answer is too large");
    EXPECT_EQ(got("HTTP/1.1 200 OK\r\n\r\n12345", 24), "12345");
    EXPECT_EQ(got("HTTP/1.1 200 OK\r\n\r\nhalf", 1000, true), "!Connection reset by peer");
    EXPECT_EQ(plain_get({"127.0.0.1", "1", ""}, "/", 1).error().message, "127.0.0.1:1: Connection refused");
    EXPECT_FALSE(plain_get({"no.such.host.invalid", "1", ""}, "/", 1));
}

}  // namespace
}  // namespace pushgateway::server
