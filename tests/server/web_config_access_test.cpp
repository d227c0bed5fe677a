#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/http/auth/digest.hpp>
#include <pushgateway/server/web_config.hpp>

#include "server/good_web_config.hpp"

namespace pushgateway::server {
namespace {

using test::bcrypt_hash;
using test::good;

// Of "abc".
std::string const token = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

std::string shown(http::permissions const& may) {
    std::string out;
    for (auto const r : {http::role::push, http::role::read, http::role::admin}) {
        if (may.has(r)) out += std::string(name_of(r)) + ' ';
    }
    if (may.jobs) {
        for (auto const& job : *may.jobs) out += "job " + job + ' ';
    }
    return out;
}

TEST(web_config_access, gives_roles_and_jobs) {
    auto const config = good("basic_auth_users:\n  alice: " + bcrypt_hash + "\n  bob: " + bcrypt_hash + R"(
access:
  users:
    bob:
      roles: [push]
      jobs: [nightly, "backup-*"]
    carol:
      password: )" + bcrypt_hash +
                             R"(
      roles: [read, admin]
  tokens:
    ci:
      sha256: )" + token + R"(
      roles: [push, read]
      jobs: ["*-ci"]
  anonymous: [read]
  exempt: [probes, scrape, preflight, /status, /static/*]
)");
    auto const& rules = config.rules;
    ASSERT_EQ(rules.users.size(), 3U);
    EXPECT_EQ(shown(rules.users.at("alice").may), "push read admin ");
    EXPECT_EQ(shown(rules.users.at("bob").may), "push job nightly job backup-* ");
    EXPECT_EQ(rules.users.at("bob").hash, bcrypt_hash);
    EXPECT_EQ(shown(rules.users.at("carol").may), "read admin ");
    EXPECT_EQ(rules.users.at("carol").hash, bcrypt_hash);
    ASSERT_EQ(rules.tokens.size(), 1U);
    EXPECT_EQ(rules.tokens[0].name, "ci");
    EXPECT_EQ(rules.tokens[0].sha256, http::sha256("abc"));
    EXPECT_EQ(shown(rules.tokens[0].may), "push read job *-ci ");
    EXPECT_EQ(shown(rules.anonymous), "read ");
    EXPECT_TRUE(rules.exempt.probes && rules.exempt.scrape && rules.exempt.preflight);
    EXPECT_EQ(rules.exempt.paths, std::vector<std::string>{"/status"});
    EXPECT_EQ(rules.exempt.folders, std::vector<std::string>{"/static/"});
}

TEST(web_config_access, may_stand_before_the_users) {
    auto const config = good("access: {users: {bob: {roles: [push]}}}\nbasic_auth_users: {bob: " + bcrypt_hash + "}");
    EXPECT_EQ(shown(config.rules.users.at("bob").may), "push ");
}

TEST(web_config_access, may_be_absent_or_nothing) {
    EXPECT_TRUE(good("access:\n").rules.open());
    EXPECT_FALSE(good("access: {exempt: [probes]}\nbasic_auth_users: {bob: " + bcrypt_hash + "}").rules.open());
}

TEST(web_config_access, is_refused_with_the_reason) {
    std::string const digest = "sha256: " + token;
    for (
        auto const& [text, why] : std::vector<std::pair<std::string, std::string>>{
            {"{}",
             "line 1, column 9: access lets nobody in: there are no users, no tokens and nothing for the anonymous"},
            {"{exempt: [probes]}",
             "line 1, column 9: access lets nobody in: there are no users, no tokens and nothing for the anonymous"},
            {"[a]", "line 1, column 9: access must be a mapping"},
            {"{groups: {}}", "line 1, column 10: access.groups is unknown; known are users, tokens, anonymous, exempt"},
            {"{users: {bob: {roles: [push]}}}",
             "line 1, column 18: access.users.bob has no password, here or in basic_auth_users"},
            {"{users: {alice: {roles: [push], password: " + bcrypt_hash + "}}}",
             "line 1, column 18: access.users.alice has a password in basic_auth_users, too"},
            {"{users: {alice: }}",
             "line 1, column 18: access.users.alice has no roles: a list of push, read, admin is expected"},
            {"{users: {alice: {roles: []}}}",
             "line 1, column 18: access.users.alice has no roles: a list of push, read, admin is expected"},
            {"{users: {alice: {roles: push}}}", "line 1, column 33: access.users.alice.roles must be a list"},
            {"{users: {alice: {roles: [write]}}}",
             "line 1, column 34: access.users.alice.roles[0] is an unknown role: \"write\"; known are push, read, "
             "admin"},
            {"{users: {alice: {roles: [push], jobs: }}}", "line 1, column 47: access.users.alice.jobs must be a list"},
            {"{users: {alice: {roles: [push], jobs: []}}}",
             "line 1, column 47: access.users.alice.jobs is empty: leave it out for all jobs"},
            {"{users: {alice: {roles: [read], jobs: [a]}}}",
             "line 1, column 47: access.users.alice.jobs says nothing without the role push"},
            {"{users: {alice: {roles: [push], jobs: [[a]]}}}",
             "line 1, column 48: access.users.alice.jobs[0] must be a text"},
            {"{users: {alice: {role: [push]}}}",
             "line 1, column 26: access.users.alice.role is unknown; known are roles, jobs, password"},
            {"{users: {'a:b': {roles: [push]}}}",
             "line 1, column 18: access.users has a user whose name holds a colon or a control character"},
            {"{users: {bob: {roles: [push], password: secret}}}",
             "line 1, column 49: access.users.bob.password is not a bcrypt hash, which begins with $2a$, $2b$ or $2y$"},
            {"{tokens: {ci: {roles: [push]}}}", "line 1, column 19: access.tokens.ci has no sha256"},
            {"{tokens: {ci: {roles: [push], sha256: abc}}}",
             "line 1, column 47: access.tokens.ci.sha256 must be the SHA-256 of the token in 64 hexadecimal digits"},
            {"{tokens: {ci: {" + digest + "}}}",
             "line 1, column 19: access.tokens.ci has no roles: a list of push, read, admin is expected"},
            {"{tokens: {a: {roles: [push], " + digest + "}, b: {roles: [read], " + digest + "}}}",
             "line 1, column 113: access.tokens.b is the same token as \"a\""},
            {"{anonymous: [root]}",
             "line 1, column 22: access.anonymous[0] is an unknown role: \"root\"; known are push, read, admin"},
            {"{anonymous: read}", "line 1, column 21: access.anonymous must be a list"}}) {
        auto const config =
            parse_web_config("access: " + text + "\nbasic_auth_users: {" +
                                 (why.find("lets nobody") == why.npos ? "alice: " + bcrypt_hash : "") + "}",
                             "/");
        EXPECT_EQ(config ? "fine" : config.error().message, why) << text;
    }
    for (auto const* path : {"status", "/a*", "/*/a", "'*'", "/a//b", "/a/../b", "/a%20b", "'/a?b'", "''"}) {
        auto const config = parse_web_config("access: {anonymous: [read], exempt: [" + std::string(path) + "]}", "/");
        EXPECT_EQ(config ? "fine" : config.error().message,
                  "line 1, column 38: access.exempt[0] must be probes, scrape, preflight, a path such as /status, or "
                  "what is below one, such as /static/*")
            << path;
    }
}

}  // namespace
}  // namespace pushgateway::server
