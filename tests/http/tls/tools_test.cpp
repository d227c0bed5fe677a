#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "running_tls.hpp"
#include "support/child_process.hpp"
#include "support/scratch_folder.hpp"

namespace pushgateway::http {
namespace {

using test::running_tls;

/// The server for the programs that everybody has.
class tls_tools : public ::testing::Test {
protected:
    /// Runs a program to its end: its exit status and what it printed.
    std::pair<int, std::string> run(std::vector<std::string> const& arguments) {
        auto const log = folder.path_of("output");
        std::ofstream(log, std::ios::trunc).close();
        auto child = test::child_process::start(arguments, log);
        if (!child) return {-1, child.error().message};
        auto const code = child->exit_code(test::patience);
        std::ostringstream text;
        text << std::ifstream(log).rdbuf();
        return {code.value_or(-1), text.str()};
    }
    std::pair<int, std::string> curl(running_tls const& server, std::vector<std::string> const& more) {
        std::vector<std::string> all{CURL, "-sS", "--noproxy", "*", "--max-time", "50"};
        all.insert(all.end(), more.begin(), more.end());
        all.push_back("https://localhost:" + std::to_string(server.port()) + "/metrics");
        return run(all);
    }
    std::pair<int, std::string> s_client(running_tls const& server, std::vector<std::string> const& more) {
        // Its standard input is empty: it ends after the handshake.
        std::vector<std::string> all{OPENSSL, "s_client", "-connect", "127.0.0.1:" + std::to_string(server.port())};
        all.insert(all.end(), more.begin(), more.end());
        return run(all);
    }

    test::scratch_folder folder;
    test::certificate client = test::make_certificate({.name = "client",
                                                       .alternative = "DNS:client.example",
                                                       .usage = "clientAuth",
                                                       .issuer = &test::world::get().authority});
    std::string authority = folder.write("ca.crt", test::world::get().authority.pem);
    std::string certificate = folder.write("client.crt", client.pem);
    std::string key = folder.write("client.key", client.key_pem);
};

TEST_F(tls_tools, curl_verifies_the_server) {
    running_tls const server;
    EXPECT_EQ(curl(server, {"--cacert", authority}), (std::pair<int, std::string>{0, "GET /metrics "}));
    EXPECT_EQ(curl(server, {"--cacert", certificate}).first, 60);
    for (auto const* const version : {"--http2", "--http1.1", "--http1.0"}) {
        EXPECT_EQ(curl(server, {"--cacert", authority, version}).second, "GET /metrics ") << version;
    }
    auto const [status, text] = curl(server, {"--cacert", authority, "--data-binary", "m 1"});
    EXPECT_EQ(status, 0);
    EXPECT_EQ(text, "POST /metrics m 1");
    EXPECT_EQ(server.said.all().find("failed: "), server.said.all().rfind("failed: "));
}

TEST_F(tls_tools, curl_shows_its_certificate) {
    auto settings = test::plain_settings();
    settings.client_auth = client_auth::require_and_verify;
    settings.client_ca_file = authority;
    settings.allowed_sans = {"client.example"};
    running_tls server(settings);
    std::vector<std::string> const shown{"--cacert", authority, "--cert", certificate, "--key", key};
    EXPECT_EQ(curl(server, shown), (std::pair<int, std::string>{0, "GET /metrics "}));
    auto const [missing, why] = curl(server, {"--cacert", authority});
    EXPECT_EQ(missing, 56) << why;
    EXPECT_NE(why.find("certificate required"), std::string::npos) << why;
    settings.allowed_sans = {"other.example"};
    server.settings.set(settings);
    auto const [wrong, because] = curl(server, shown);
    EXPECT_EQ(wrong, 56) << because;
    EXPECT_NE(because.find("bad certificate"), std::string::npos) << because;
}

TEST_F(tls_tools, curl_speaks_plainly) {
    running_tls const server;
    auto const [status, text] = run({CURL, "-sS", "--noproxy", "*", "--max-time", "50", "-w", "%{http_code}",
                                     "http://127.0.0.1:" + std::to_string(server.port()) + "/"});
    EXPECT_EQ(status, 0);
    EXPECT_EQ(text, "Client sent an HTTP request to an HTTPS server.\n400");
}

TEST_F(tls_tools, s_client_sees_what_was_agreed_on) {
    running_tls const server;
    auto const [status, text] =
        s_client(server, {"-CAfile", authority, "-verify_return_error", "-alpn", "h2,http/1.1"});
    EXPECT_EQ(status, 0) << text;
    for (auto const* const line :
         {"Verification: OK", "New, TLSv1.3, ", "ALPN protocol: http/1.1", "No client certificate CA names sent"}) {
        EXPECT_NE(text.find(line), std::string::npos) << line << " is missing in:\n" << text;
    }
    // Spelled by OpenSSL 3.0, and by 3.5, which agrees on a group that is safe from quantum computers, too.
    EXPECT_TRUE(std::regex_search(text, std::regex("CN ?= ?server\n"))) << text;
    EXPECT_TRUE(std::regex_search(text, std::regex("(Server Temp Key: X25519,|TLS1\\.3 group: X25519)"))) << text;
    auto const [refused, why] = s_client(server, {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
    EXPECT_EQ(refused, 1);
    EXPECT_NE(why.find("alert protocol version"), std::string::npos) << why;
}

TEST_F(tls_tools, s_client_is_told_whose_certificate_to_show) {
    auto settings = test::plain_settings();
    settings.client_auth = client_auth::request;
    settings.client_ca_file = authority;
    running_tls const server(settings);
    auto const [status, text] = s_client(server, {"-cert", certificate, "-key", key});
    EXPECT_EQ(status, 0) << text;
    EXPECT_TRUE(std::regex_search(text, std::regex("Acceptable client certificate CA names\nCN ?= ?authority\n")))
        << text;
}

}  // namespace
}  // namespace pushgateway::http
