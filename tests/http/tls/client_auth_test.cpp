#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "running_tls.hpp"

namespace pushgateway::http {
namespace {

using test::certificate;
using test::certificate_wish;
using test::running_tls;
using test::tls_client_options;

certificate issued(certificate const* issuer, std::string const& alternative, std::string const& usage = "clientAuth") {
    certificate_wish wish;
    wish.name = "client";
    wish.issuer = issuer;
    wish.alternative = alternative;
    wish.usage = usage;
    return test::make_certificate(wish);
}

/// Clients of every kind, and the authority that those called trusted have theirs from.
struct clients {
    certificate authority = test::make_authority("client authority");
    certificate stranger = test::make_authority("somebody else");
    std::map<std::string, certificate> with;

    clients() {
        with["trusted, right name"] = issued(&authority, "DNS:other,DNS:pusher.example");
        with["trusted, wrong name"] = issued(&authority, "DNS:other");
        with["trusted, no name"] = issued(&authority, "");
        with["untrusted, right name"] = issued(&stranger, "DNS:pusher.example");
        with["untrusted, wrong name"] = issued(&stranger, "DNS:other");
    }
};

clients const& all_clients() {
    static clients const it;
    return it;
}

/// What becomes of a client of that kind: "200", or the alert it gets.
std::string outcome(running_tls const& server, std::string const& kind, int version) {
    tls_client_options options;
    options.lowest = options.highest = version;
    if (kind != "none") options.shows = &all_clients().with.at(kind);
    return server.outcome(options);
}

tls_settings demanding(client_auth what, std::vector<std::string> names = {}) {
    auto out = test::plain_settings();
    out.client_auth = what;
    out.allowed_sans = std::move(names);
    if (what != client_auth::none) out.client_ca = all_clients().authority.pem;
    return out;
}

constexpr auto good = "200";
constexpr auto bad = "alert: bad certificate";
constexpr auto unknown = "alert: unknown ca";
constexpr auto no_certificate_12 = "alert: handshake failure";
constexpr auto no_certificate_13 = "alert: certificate required";

struct expectation {
    client_auth what;
    bool only_named;
    std::map<std::string, std::string> outcomes;
};

TEST(tls_client_auth, every_kind_of_client_under_every_policy) {
    // As Go does it, and what Go's server makes of a missing certificate if names are demanded.
    std::string const missing = "missing";
    std::vector<expectation> const all{
        {client_auth::none, false, {{"none", good}, {"trusted, right name", good}, {"untrusted, wrong name", good}}},
        {client_auth::none, true, {{"none", good}, {"trusted, right name", good}, {"untrusted, wrong name", good}}},
        {client_auth::request,
         false,
         {{"none", good}, {"trusted, right name", good}, {"trusted, no name", good}, {"untrusted, wrong name", good}}},
        {client_auth::request,
         true,
         {{"none", missing},
          {"trusted, right name", good},
          {"trusted, wrong name", bad},
          {"trusted, no name", bad},
          {"untrusted, right name", good},
          {"untrusted, wrong name", bad}}},
        {client_auth::require_any,
         false,
         {{"none", missing},
          {"trusted, right name", good},
          {"trusted, no name", good},
          {"untrusted, wrong name", good}}},
        {client_auth::require_any,
         true,
         {{"none", missing},
          {"trusted, right name", good},
          {"trusted, wrong name", bad},
          {"trusted, no name", bad},
          {"untrusted, right name", good},
          {"untrusted, wrong name", bad}}},
        {client_auth::verify_if_given,
         false,
         {{"none", good},
          {"trusted, right name", good},
          {"trusted, no name", good},
          {"untrusted, right name", unknown}}},
        {client_auth::verify_if_given,
         true,
         {{"none", missing},
          {"trusted, right name", good},
          {"trusted, wrong name", bad},
          {"trusted, no name", bad},
          {"untrusted, right name", unknown},
          {"untrusted, wrong name", unknown}}},
        {client_auth::require_and_verify,
         false,
         {{"none", missing},
          {"trusted, right name", good},
          {"trusted, no name", good},
          {"untrusted, right name", unknown}}},
        {client_auth::require_and_verify,
         true,
         {{"none", missing},
          {"trusted, right name", good},
          {"trusted, wrong name", bad},
          {"trusted, no name", bad},
          {"untrusted, right name", unknown},
          {"untrusted, wrong name", unknown}}},
    };
    for (auto const& expected : all) {
        auto const names =
            expected.only_named ? std::vector<std::string>{"x", "pusher.example"} : std::vector<std::string>();
        running_tls const server(demanding(expected.what, names));
        for (int const version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
            for (auto const& [kind, what] : expected.outcomes) {
                auto const wanted =
                    what != missing ? what : (version == TLS1_3_VERSION ? no_certificate_13 : no_certificate_12);
                EXPECT_EQ(outcome(server, kind, version), wanted)
                    << static_cast<int>(expected.what) << ' ' << expected.only_named << ' ' << kind << ' ' << version;
            }
        }
    }
}

TEST(tls_client_auth, names_may_be_of_any_kind) {
    running_tls const server(
        demanding(client_auth::require_and_verify, {"spiffe://here/pusher", "10.1.2.3", "fd00::1", "who@c.example"}));
    for (std::string const name :
         {"URI:spiffe://here/pusher", "IP:10.1.2.3", "IP:fd00:0:0:0:0:0:0:1", "email:who@c.example"}) {
        auto const shown = issued(&all_clients().authority, name);
        tls_client_options options;
        options.shows = &shown;
        EXPECT_EQ(server.outcome(options), good) << name;
    }
    for (std::string const name : {"URI:spiffe://here/other", "IP:10.1.2.4", "DNS:x.10.1.2.3", "email:c.example"}) {
        auto const shown = issued(&all_clients().authority, name);
        tls_client_options options;
        options.shows = &shown;
        EXPECT_EQ(server.outcome(options), bad) << name;
    }
}

TEST(tls_client_auth, time_purpose_and_chain_of_a_certificate) {
    auto const& authority = all_clients().authority;
    running_tls const server(demanding(client_auth::require_and_verify));
    auto const between = test::make_authority("between", &authority);
    auto const below = issued(&between, "");
    certificate_wish wish;
    wish.issuer = &authority;
    wish.from = -7200;
    wish.until = -3600;
    auto const expired = test::make_certificate(wish);
    wish.from = 3600;
    wish.until = 7200;
    auto const early = test::make_certificate(wish);
    auto const for_servers = issued(&authority, "", "serverAuth");
    auto const for_all = issued(&authority, "", "");
    auto const shown = [&](certificate const& which, std::string chain = {}) {
        tls_client_options options;
        options.shows = &which;
        options.chain = std::move(chain);
        return server.outcome(options);
    };
    EXPECT_EQ(shown(below, between.pem), good);
    EXPECT_EQ(shown(below), unknown);
    EXPECT_EQ(shown(expired), "alert: certificate expired");
    EXPECT_EQ(shown(early), bad);
    EXPECT_EQ(shown(for_servers), "alert: unsupported certificate");
    EXPECT_EQ(shown(for_all), good);
}

TEST(tls_client_auth, an_authority_may_be_one_in_the_middle) {
    auto const between = test::make_authority("between", &all_clients().authority);
    auto const below = issued(&between, "");
    auto settings = demanding(client_auth::require_and_verify);
    settings.client_ca = between.pem;
    running_tls const server(settings);
    tls_client_options options;
    options.shows = &below;
    EXPECT_EQ(server.outcome(options), good);
}

TEST(tls_client_auth, several_authorities) {
    auto settings = demanding(client_auth::require_and_verify);
    settings.client_ca += all_clients().stranger.pem;
    running_tls const server(settings);
    EXPECT_EQ(outcome(server, "trusted, no name", 0), good);
    EXPECT_EQ(outcome(server, "untrusted, right name", 0), good);
}

TEST(tls_client_auth, without_an_authority_the_systems_are_asked) {
    auto settings = demanding(client_auth::require_and_verify);
    settings.client_ca = "";
    running_tls const server(settings);
    EXPECT_EQ(outcome(server, "trusted, no name", 0), unknown);
}

TEST(tls_client_auth, says_why_without_flooding_the_log) {
    running_tls const server(demanding(client_auth::require_and_verify, {"pusher.example"}));
    for (int i = 0; i < 20; ++i) EXPECT_EQ(outcome(server, "trusted, wrong name", 0), bad);
    auto const heard = server.said.heard();
    ASSERT_EQ(heard.size(), 1U);
    EXPECT_TRUE(heard.front().starts_with("TLS handshake with 127.0.0.1:"));
    EXPECT_TRUE(heard.front().ends_with(" failed: the client's certificate has none of the allowed names"));
}

}  // namespace
}  // namespace pushgateway::http
