#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <pushgateway/http/server.hpp>

#include "support/http_client.hpp"
#include "support/running_server.hpp"
#include "support/scratch_folder.hpp"

namespace pushgateway::http {
namespace {

using test::echo;
using test::http_client;
using test::local;
using test::patience;
using test::running;

server_options on(std::vector<std::string> addresses) {
    auto options = local();
    options.listen = std::move(addresses);
    return options;
}

std::string answer_of(std::string const& host, std::uint16_t port = 0) {
    http_client client(host, port, patience);
    auto const got = client.send("GET", "/x", {{"Host", "test"}});
    return got ? got->body : got.error().message;
}

std::string failure_of(server_options options) {
    server s(std::move(options), echo);
    auto const started = s.start();
    return started ? "" : started.error().message;
}

TEST(listener, serves_a_unix_socket_and_removes_its_file) {
    test::scratch_folder const here;
    auto const address = "unix:" + here.path_of("socket");
    {
        running const s(echo, on({address, "127.0.0.1:0"}));
        EXPECT_EQ(s.it.addresses()[0], address);
        EXPECT_EQ(s.it.ports()[0], 0);
        EXPECT_EQ(s.it.addresses()[1], "127.0.0.1:" + std::to_string(s.it.ports()[1]));
        // Every event loop accepts from the one socket.
        for (int i = 0; i != 20; ++i) EXPECT_EQ(answer_of(address), "GET /x ");
        EXPECT_EQ(answer_of("127.0.0.1", s.it.ports()[1]), "GET /x ");
    }
    EXPECT_FALSE(std::filesystem::exists(here.path_of("socket")));
}

TEST(listener, serves_an_abstract_unix_socket) {
    auto const address = "unix:@pushgateway_test_" + std::to_string(::getpid());
    running const s(echo, on({address}));
    EXPECT_EQ(answer_of(address), "GET /x ");
    EXPECT_NE(failure_of(on({address})).find("Address already in use"), std::string::npos);
}

TEST(listener, tells_the_handler_that_the_peer_has_no_address) {
    test::scratch_folder const here;
    running const s([](request const& r) { return response(200, r.remote); }, on({"unix:" + here.path_of("s")}));
    EXPECT_EQ(answer_of("unix:" + here.path_of("s")), "unix");
}

TEST(listener, takes_over_a_socket_file_that_was_left_behind) {
    test::scratch_folder const here;
    auto const path = here.path_of("socket");
    {
        // As after a crash: bound, not removed, nobody listens.
        int const fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        path.copy(address.sun_path, sizeof address.sun_path - 1);
        ASSERT_EQ(::bind(fd, reinterpret_cast<sockaddr const*>(&address), sizeof address), 0);
        ::close(fd);
    }
    running const s(echo, on({"unix:" + path}));
    EXPECT_EQ(answer_of("unix:" + path), "GET /x ");
}

TEST(listener, leaves_alone_what_is_not_its_own) {
    test::scratch_folder const here;
    auto const path = here.path_of("socket");
    running const first(echo, on({"unix:" + path}));
    EXPECT_EQ(failure_of(on({"unix:" + path})), "cannot listen on \"unix:" + path + "\": Address already in use");
    EXPECT_EQ(answer_of("unix:" + path), "GET /x ") << "the first one lives on";

    std::ofstream(here.path_of("file")) << "precious";
    EXPECT_NE(failure_of(on({"unix:" + here.path_of("file")})).find("Address already in use"), std::string::npos);
    EXPECT_TRUE(std::filesystem::exists(here.path_of("file")));

    {
        running const second(echo, on({"unix:" + here.path_of("other")}));
        std::filesystem::remove(here.path_of("other"));
        std::ofstream(here.path_of("other")) << "somebody else's";
    }
    EXPECT_TRUE(std::filesystem::exists(here.path_of("other")));
}

TEST(listener, names_the_unix_address_that_is_wrong) {
    test::scratch_folder const here;
    EXPECT_EQ(failure_of(on({"unix:" + here.path_of("missing/socket")})),
              "cannot listen on \"unix:" + here.path_of("missing/socket") + "\": No such file or directory");
    auto const longer = "unix:/" + std::string(200, 'x');
    EXPECT_EQ(failure_of(on({longer})), "listen address \"" + longer + "\": the path is too long for a socket");
    // Without a path it is a host named unix, and the rest no port.
    EXPECT_NE(failure_of(on({"unix:relative"})).find("listen address \"unix:relative\""), std::string::npos);
}

TEST(listener, knows_the_sockets_of_virtual_machines) {
    for (std::string const wrong :
         {"vsock://", "vsock://9091", "vsock://:", "vsock://:port", "vsock://2:9091", "vsock://:99999999999"}) {
        EXPECT_EQ(failure_of(on({wrong})), "listen address \"" + wrong + "\": it must be vsock://:PORT");
    }
    // A machine has them or not.
    server s(on({"vsock://:0"}), echo);
    auto const started = s.start();
    if (started) {
        EXPECT_TRUE(s.addresses().front().starts_with("vsock:")) << s.addresses().front();
    } else {
        EXPECT_TRUE(started.error().message.starts_with("cannot listen on \"vsock://:0\": "))
            << started.error().message;
    }
}

int listening_tcp(std::uint16_t& port) {
    int const fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr const*>(&address), size), 0);
    EXPECT_EQ(::listen(fd, 16), 0);
    EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port = ntohs(address.sin_port);
    return fd;
}

TEST(listener, takes_over_sockets_that_listen_already) {
    std::uint16_t port = 0;
    auto options = on({});
    options.listening_descriptors = {listening_tcp(port)};
    running const s(echo, options);
    EXPECT_EQ(s.it.addresses(), std::vector<std::string>{"127.0.0.1:" + std::to_string(port)});
    for (int i = 0; i != 20; ++i) EXPECT_EQ(answer_of("127.0.0.1", port), "GET /x ");
}

TEST(listener, refuses_descriptors_that_are_no_listening_sockets) {
    auto const refused = [](int fd) {
        auto options = on({});
        options.listening_descriptors = {fd};
        auto const why = failure_of(options);
        EXPECT_TRUE(why.starts_with("the descriptor " + std::to_string(fd) + ' ')) << why;
        return why.substr(why.find(' ', sizeof "the descriptor ") + 1);
    };
    EXPECT_EQ(refused(::dup(0)), "is no stream socket");
    EXPECT_EQ(refused(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)), "is no stream socket");
    EXPECT_EQ(refused(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), "is a socket that does not listen");
    EXPECT_EQ(refused(12345), "is no stream socket");
}

}  // namespace
}  // namespace pushgateway::http
