// The connections of commands wait for as long as they are told, and no longer.

#include <chrono>
#include <string>
#include <thread>

#include <asio/error.hpp>
#include <asio/io_context.hpp>
#include <asio/ip/tcp.hpp>
#include <asio/local/stream_protocol.hpp>
#include <asio/write.hpp>
#include <gtest/gtest.h>

#include <pushgateway/server/client_connection.hpp>

#include "scripted_peer.hpp"
#include "support/scratch_folder.hpp"

namespace pushgateway::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// All that comes until the end, or the error instead.
std::string all_of(client_connection& connection) {
    std::string out;
    while (true) {
        auto const why = connection.receive(out);
        if (why == asio::error::eof) return out;
        if (why) return '!' + why.message();
    }
}

TEST(client_connection, says_and_hears) {
    test::scripted_peer peer({"hello", "again"});
    for (std::string const host : {"127.0.0.1", "localhost"}) {
        client_connection connection(std::chrono::seconds(10));
        ASSERT_FALSE(connection.connect({host, peer.port()}));
        ASSERT_FALSE(connection.send("hi"));
        EXPECT_EQ(all_of(connection), host == "localhost" ? "again" : "hello");
    }
    peer.join();
    EXPECT_EQ(peer.asked.at(1), "hi");
}

TEST(client_connection, reaches_unix_sockets) {
    test::scratch_folder const folder;
    std::string const abstract = "@" + folder.path_of("name");
    for (auto const& path : {folder.path_of("socket"), abstract}) {
        asio::io_context io;
        auto bound = path;
        if (bound.front() == '@') bound.front() = '\0';
        asio::local::stream_protocol::acceptor acceptor(io, asio::local::stream_protocol::endpoint(bound));
        client_connection connection(std::chrono::seconds(10));
        ASSERT_FALSE(connection.connect({path, ""})) << path;
        auto other = acceptor.accept();
        asio::write(other, asio::buffer("x", 1));
        other.close();
        EXPECT_EQ(all_of(connection), "x");
    }
    client_connection connection(std::chrono::seconds(10));
    EXPECT_EQ(connection.connect({folder.path_of("none"), ""}).message(), "No such file or directory");
    EXPECT_EQ(connection.connect({std::string(200, 'x'), ""}).message(), "File name too long");
    EXPECT_EQ(text_of({"/a", ""}), "/a");
    EXPECT_EQ(text_of({"a", "1"}), "a:1");
}

TEST(client_connection, does_not_wait_for_ever) {
    asio::io_context io;
    asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    server_place const place{"127.0.0.1", std::to_string(acceptor.local_endpoint().port())};
    auto const begun = steady_clock::now();
    client_connection silent(milliseconds(100));
    ASSERT_FALSE(silent.connect(place));
    ASSERT_FALSE(silent.send("hi"));
    EXPECT_EQ(all_of(silent), "!" + asio::error_code(asio::error::timed_out).message());
    EXPECT_GE(steady_clock::now() - begun, milliseconds(100));
    EXPECT_LT(steady_clock::now() - begun, std::chrono::seconds(30));

    // Bytes that go nowhere.
    client_connection deaf(milliseconds(100));
    ASSERT_FALSE(deaf.connect(place));
    std::string const much(64 << 20, 'x');
    EXPECT_EQ(deaf.send(much), asio::error::timed_out);
}

TEST(client_connection, waits_anew_only_if_it_is_renewed) {
    asio::io_context io;
    asio::ip::tcp::acceptor acceptor(io, {asio::ip::address_v4::loopback(), 0});
    server_place const place{"127.0.0.1", std::to_string(acceptor.local_endpoint().port())};
    std::thread drops([&acceptor] {
        for (int i = 0; i != 2; ++i) {
            auto socket = acceptor.accept();
            asio::error_code failed;
            for (int k = 0; k != 20 && !failed; ++k) {
                asio::write(socket, asio::buffer("x", 1), failed);
                std::this_thread::sleep_for(milliseconds(50));
            }
        }
    });
    std::string heard;
    client_connection hasty(milliseconds(200));
    auto why = hasty.connect(place);
    while (!why) why = hasty.receive(heard);
    EXPECT_EQ(why, asio::error::timed_out);
    EXPECT_LT(heard.size(), 20U);

    heard.clear();
    client_connection patient(std::chrono::seconds(10));
    why = patient.connect(place);
    while (!why) {
        patient.renew();
        why = patient.receive(heard);
    }
    EXPECT_EQ(why, asio::error::eof);
    EXPECT_EQ(heard.size(), 20U);
    drops.join();
}

}  // namespace
}  // namespace pushgateway::server
