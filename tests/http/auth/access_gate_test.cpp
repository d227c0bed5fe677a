#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <support/auth_requests.hpp>

#include <pushgateway/http/auth/access_gate.hpp>

namespace pushgateway::http {
namespace {

using namespace std::chrono_literals;
using test::basic;
using test::bearer;

// A hash of a cost that names its password: what the double of bcrypt understands.
std::string hash_of(int cost, std::string const& password) {
    return "$2b$" + std::string(cost < 10 ? "0" : "") + std::to_string(cost) + '$' + password;
}

// A gate whose passwords are tried by a double that counts.
struct access_gate_test : testing::Test {
    struct source : rules_source {
        std::shared_ptr<access_rules const> rules;
        [[nodiscard]] std::shared_ptr<access_rules const> current() override { return rules; }
    };

    access_rules rules;
    access_gate_options options;
    std::shared_ptr<source> from = std::make_shared<source>();
    std::vector<std::pair<std::string, std::string>> tried;
    std::string told;

    void SetUp() override {
        rules.users["alice"].hash = hash_of(10, "wonder");
        rules.users["ci"].hash = hash_of(12, "build");
        rules.users["ci"].may = {true, false, false, {{"ci-*", "nightly"}}};
        rules.users["viewer"].hash = hash_of(12, "look");
        rules.users["viewer"].may = {false, true, false, {}};
        options.on_refusal = [this](request const& head, response const& answer, std::string_view who) {
            told = head.method + ' ' + std::to_string(answer.status) + ' ' + std::string(who);
        };
    }

    void use_tokens() {
        rules.tokens.push_back({"pusher", sha256("push-token"), {true, false, false, {{"a"}}}});
        rules.tokens.push_back({"reader", sha256("read-token"), {false, true, false, {}}});
    }

    access_gate make() {
        from->rules = std::make_shared<access_rules const>(rules);
        return access_gate(
            from,
            [this](std::string_view password, std::string_view hash) {
                tried.emplace_back(password, hash);
                return hash.substr(7) == password;
            },
            options);
    }

    static request head(std::string method, std::string target, std::string const& authorization = {}) {
        request out;
        out.method = std::move(method);
        out.target = std::move(target);
        if (!authorization.empty()) out.fields.push_back({"Authorization", authorization});
        return out;
    }

    static std::string text(verdict const& said) {
        if (!said.refusal) return "admitted";
        std::string out = std::to_string(said.refusal->status) + ' ' + said.refusal->body;
        if (out.ends_with('\n')) out.pop_back();
        for (auto const& f : said.refusal->fields) {
            if (f.name == "WWW-Authenticate" || f.name == "Retry-After") out += " | " + f.value;
        }
        return out;
    }

    // As the server asks: a glance, and if that does not decide, a judgement.
    static std::string ask(access_gate& gate, request const& r) {
        if (auto const said = gate.glance(r)) return text(*said);
        return "judged: " + text(gate.judge(r));
    }
};

TEST_F(access_gate_test, lets_everybody_in_without_rules) {
    rules.users.clear();
    auto gate = make();
    EXPECT_EQ(ask(gate, head("PUT", "/api/v1/admin/wipe")), "admitted");
    EXPECT_EQ(ask(gate, head("GET", "/", basic("no", "body"))), "admitted");
    EXPECT_TRUE(tried.empty());
}

TEST_F(access_gate_test, tells_what_an_admitted_client_may_do) {
    use_tokens();
    auto gate = make();
    auto const may = [&](std::string const& authorization) {
        auto const found = gate.permissions_of(head("GET", "/", authorization));
        return std::string(found.push ? "push " : "") + (found.read ? "read " : "") + (found.admin ? "admin " : "");
    };
    EXPECT_EQ(may(""), "");
    EXPECT_EQ(may(bearer("push-token")), "push ");
    EXPECT_EQ(may(bearer("read-token")), "read ");
    EXPECT_EQ(may(bearer("none")), "");
    EXPECT_EQ(may(basic("alice", "wonder")), "") << "not admitted yet";
    EXPECT_EQ(ask(gate, head("GET", "/", basic("alice", "wonder"))), "judged: admitted");
    EXPECT_EQ(may(basic("alice", "wonder")), "push read admin ");
    EXPECT_EQ(may(basic("alice", "wrong")), "");
    EXPECT_EQ(may(basic("nobody", "wonder")), "");
    rules.anonymous.read = true;
    from->rules = std::make_shared<access_rules const>(rules);
    EXPECT_EQ(may(""), "read ");
    rules = {};
    from->rules = std::make_shared<access_rules const>(rules);
    EXPECT_EQ(may(""), "push read admin ") << "everything is open";
}

TEST_F(access_gate_test, wants_credentials) {
    auto gate = make();
    EXPECT_EQ(ask(gate, head("GET", "/metrics")), "401 Unauthorized | Basic");
    EXPECT_EQ(told, "GET 401 ");
    EXPECT_EQ(ask(gate, head("GET", "/metrics", "Basic !")), "401 Unauthorized | Basic");
    EXPECT_EQ(ask(gate, head("GET", "/metrics", bearer("x"))), "401 Unauthorized | Basic");
    EXPECT_EQ(ask(gate, head("GET", "/-/healthy")), "401 Unauthorized | Basic");
    EXPECT_EQ(ask(gate, head("OPTIONS", "/metrics")), "401 Unauthorized | Basic");
    EXPECT_TRUE(tried.empty());
}

TEST_F(access_gate_test, answers_unauthorized_as_the_original_does) {
    auto gate = make();
    auto const said = gate.glance(head("GET", "/metrics"));
    ASSERT_TRUE(said && said->refusal);
    std::string fields;
    for (auto const& f : said->refusal->fields) fields += f.name + ": " + f.value + '\n';
    EXPECT_EQ(fields,
              "Content-Type: text/plain; charset=utf-8\nX-Content-Type-Options: nosniff\nWWW-Authenticate: Basic\n");
    EXPECT_EQ(said->refusal->body, "Unauthorized\n");
}

TEST_F(access_gate_test, tries_a_password_once) {
    auto gate = make();
    EXPECT_EQ(ask(gate, head("GET", "/metrics", basic("alice", "wonder"))), "judged: admitted");
    EXPECT_EQ(ask(gate, head("PUT", "/-/quit", basic("alice", "wonder"))), "admitted");
    EXPECT_EQ(tried.size(), 1U);
    EXPECT_EQ(gate.waiting(), 0U);
}

TEST_F(access_gate_test, tries_a_wrong_password_each_time) {
    auto gate = make();
    for (int i = 0; i != 3; ++i) {
        EXPECT_EQ(ask(gate, head("GET", "/", basic("alice", "wrong"))), "judged: 401 Unauthorized | Basic");
    }
    EXPECT_EQ(tried.size(), 3U);
    EXPECT_EQ(told, "GET 401 alice");
    EXPECT_EQ(ask(gate, head("GET", "/", basic("alice", "wonder"))), "judged: admitted");
    EXPECT_EQ(ask(gate, head("GET", "/", basic("alice", "wrong"))), "judged: 401 Unauthorized | Basic");
}

TEST_F(access_gate_test, withdraws_what_it_remembers_with_the_hash) {
    auto gate = make();
    EXPECT_EQ(ask(gate, head("GET", "/", basic("alice", "wonder"))), "judged: admitted");
    rules.users["alice"].hash = hash_of(10, "another");
    from->rules = std::make_shared<access_rules const>(rules);
    EXPECT_EQ(ask(gate, head("GET", "/", basic("alice", "wonder"))), "judged: 401 Unauthorized | Basic");
    rules.users.erase("alice");
    from->rules = std::make_shared<access_rules const>(rules);
    EXPECT_EQ(ask(gate, head("GET", "/", basic("alice", "another"))), "judged: 401 Unauthorized | Basic");
}

TEST_F(access_gate_test, does_not_try_twice_what_waited_behind_the_same) {
    auto gate = make();
    auto const r = head("GET", "/", basic("alice", "wonder"));
    EXPECT_FALSE(gate.glance(r));
    EXPECT_FALSE(gate.glance(r));
    EXPECT_EQ(text(gate.judge(r)), "admitted");
    EXPECT_EQ(text(gate.judge(r)), "admitted");
    EXPECT_EQ(tried.size(), 1U);
}

// ---- users that there are not

TEST_F(access_gate_test, tries_once_for_an_unknown_user) {
    auto gate = make();
    std::map<int, int> costs;
    for (int i = 0; i != 300; ++i) {
        tried.clear();
        auto const r = head("GET", "/", basic("nobody" + std::to_string(i), "x"));
        EXPECT_EQ(ask(gate, r), "judged: 401 Unauthorized | Basic");
        ASSERT_EQ(tried.size(), 1U);
        auto const cost = bcrypt::cost_of(tried[0].second);
        ++costs[cost];
        EXPECT_EQ(ask(gate, r), "judged: 401 Unauthorized | Basic");
        ASSERT_EQ(tried.size(), 2U) << "no failure is remembered";
        EXPECT_EQ(bcrypt::cost_of(tried[1].second), cost) << "a name has one cost";
    }
    // The costs of those who are there, and nothing else.
    EXPECT_EQ(costs.size(), 2U);
    EXPECT_GT(costs[10], 50);
    EXPECT_GT(costs[12], 100);
}

TEST_F(access_gate_test, refuses_an_unknown_user_whose_password_fits_the_dummy) {
    auto gate = make();
    auto const dummy = bcrypt::dummy_hash(10).substr(7);
    EXPECT_EQ(ask(gate, head("GET", "/", basic("nobody", dummy))), "judged: 401 Unauthorized | Basic");
    EXPECT_EQ(ask(gate, head("GET", "/", basic("nobody", dummy))), "judged: 401 Unauthorized | Basic");
}

// CVE-2022-46146: the original joined user, hash and password to the key of its cache, and kept for unknown users that
// the password fits the dummy. Whoever knew a user's hash made a request of an unknown user with the same key.
TEST_F(access_gate_test, cannot_have_its_cache_poisoned) {
    auto gate = make();
    auto const hash = rules.users["alice"].hash;
    for (int const cost : {10, 12}) {
        auto const dummy = bcrypt::dummy_hash(cost);
        auto const fits_the_dummy = dummy.substr(7);
        EXPECT_EQ(ask(gate, head("GET", "/", basic("alice" + hash, fits_the_dummy))),
                  "judged: 401 Unauthorized | Basic");
        EXPECT_EQ(ask(gate, head("GET", "/", basic("alice", dummy + fits_the_dummy))),
                  "judged: 401 Unauthorized | Basic");
    }
    // Nor by what is right.
    EXPECT_EQ(ask(gate, head("GET", "/", basic("alice", "wonder"))), "judged: admitted");
    for (auto const& [user, password] :
         std::vector<std::pair<std::string, std::string>>{{"alic", "e" + hash + "wonder"},
                                                          {"alice" + hash, "wonder"},
                                                          {"alice", hash + "wonder"},
                                                          {"alice" + hash + "wonder", ""}}) {
        EXPECT_EQ(ask(gate, head("GET", "/", basic(user, password))), "judged: 401 Unauthorized | Basic") << user;
    }
}

// ---- what someone may do

TEST_F(access_gate_test, holds_users_to_their_roles) {
    auto gate = make();
    EXPECT_EQ(ask(gate, head("GET", "/metrics", basic("viewer", "look"))), "judged: admitted");
    EXPECT_EQ(ask(gate, head("PUT", "/metrics/job/x", basic("viewer", "look"))),
              R"(403 the user "viewer" does not have the role "push")");
    EXPECT_EQ(told, "PUT 403 viewer");
    EXPECT_EQ(ask(gate, head("PUT", "/api/v1/admin/wipe", basic("viewer", "look"))),
              R"(403 the user "viewer" does not have the role "admin")");
    EXPECT_EQ(ask(gate, head("GET", "/-/healthy", basic("viewer", "look"))), "admitted");
    EXPECT_EQ(ask(gate, head("GET", "/metrics", basic("ci", "build"))),
              R"(judged: 403 the user "ci" does not have the role "read")");
}

TEST_F(access_gate_test, holds_users_to_their_jobs) {
    auto gate = make();
    EXPECT_EQ(ask(gate, head("PUT", "/metrics/job/ci-1", basic("ci", "build"))), "judged: admitted");
    EXPECT_EQ(ask(gate, head("POST", "/metrics/job@base64/Y2ktYS9i", basic("ci", "build"))), "admitted");
    EXPECT_EQ(ask(gate, head("DELETE", "/metrics/job/nightly/a/b", basic("ci", "build"))), "admitted");
    EXPECT_EQ(ask(gate, head("DELETE", "/metrics/job/other/job/ci-1", basic("ci", "build"))),
              R"(403 the user "ci" may not push to or delete the job "other")");
    EXPECT_EQ(ask(gate, head("PUT", "/metrics/job@base64/bmlnaHRseQo=", basic("ci", "build"))),
              R"(403 the user "ci" may not push to or delete the job "nightly\n")");
    EXPECT_EQ(ask(gate, head("PUT", "/metrics/job@base64/+", basic("ci", "build"))),
              R"(403 the user "ci" may push to certain jobs only, and the job in the path cannot be read)");
    auto const long_job = ask(gate, head("PUT", "/metrics/job/" + std::string(5000, 'x'), basic("ci", "build")));
    EXPECT_LT(long_job.size(), 300U);
    EXPECT_EQ(tried.size(), 1U);
}

TEST_F(access_gate_test, lets_the_anonymous_do_what_they_may) {
    rules.anonymous = {true, true, false, {}};
    auto gate = make();
    EXPECT_EQ(ask(gate, head("GET", "/metrics")), "admitted");
    EXPECT_EQ(ask(gate, head("PUT", "/metrics/job/x")), "admitted");
    EXPECT_EQ(ask(gate, head("GET", "/-/healthy")), "admitted");
    EXPECT_EQ(ask(gate, head("PUT", "/-/quit")), "401 Unauthorized | Basic");
    // Nobody is asked for what everybody may do.
    EXPECT_EQ(ask(gate, head("GET", "/metrics", basic("alice", "wrong"))), "admitted");
    EXPECT_TRUE(tried.empty());
}

TEST_F(access_gate_test, asks_nothing_where_that_is_exempt) {
    rules.exempt.probes = true;
    auto gate = make();
    EXPECT_EQ(ask(gate, head("GET", "/-/healthy")), "admitted");
    EXPECT_EQ(ask(gate, head("GET", "/metrics")), "401 Unauthorized | Basic");
}

// ---- tokens

TEST_F(access_gate_test, takes_tokens) {
    use_tokens();
    auto gate = make();
    auto const both = R"(401 Unauthorized | Basic | Bearer realm="pushgateway")";
    EXPECT_EQ(ask(gate, head("GET", "/metrics")), both);
    EXPECT_EQ(ask(gate, head("GET", "/metrics", bearer("read-token"))), "admitted");
    EXPECT_EQ(ask(gate, head("PUT", "/metrics/job/a", bearer("push-token"))), "admitted");
    EXPECT_EQ(ask(gate, head("PUT", "/metrics/job/b", bearer("push-token"))),
              R"(403 the token "pusher" may not push to or delete the job "b" | )"
              R"(Bearer realm="pushgateway", error="insufficient_scope")");
    EXPECT_EQ(ask(gate, head("GET", "/metrics", bearer("read-tokem"))),
              both + std::string(R"(, error="invalid_token")"));
    EXPECT_EQ(ask(gate, head("GET", "/metrics", basic("reader", "read-token"))), "judged: " + std::string(both));
}

TEST_F(access_gate_test, takes_tokens_alone) {
    use_tokens();
    rules.users.clear();
    auto gate = make();
    EXPECT_EQ(ask(gate, head("GET", "/metrics")), R"(401 Unauthorized | Bearer realm="pushgateway")");
    // Without users there is nothing to find out about them.
    EXPECT_EQ(ask(gate, head("GET", "/metrics", basic("a", "b"))), R"(401 Unauthorized | Bearer realm="pushgateway")");
    EXPECT_TRUE(tried.empty());
}

// ---- too much, too little

TEST_F(access_gate_test, bounds_what_waits) {
    options.most_waiting = 2;
    auto gate = make();
    auto const wrong = head("GET", "/", basic("alice", "wrong"));
    EXPECT_FALSE(gate.glance(wrong));
    EXPECT_FALSE(gate.glance(wrong));
    EXPECT_EQ(gate.waiting(), 2U);
    EXPECT_EQ(ask(gate, wrong), "503 too many passwords wait to be checked | 1");
    EXPECT_EQ(ask(gate, head("GET", "/")), "401 Unauthorized | Basic") << "what needs no try is answered";
    (void)gate.judge(wrong);
    EXPECT_EQ(ask(gate, wrong), "judged: 401 Unauthorized | Basic");
    (void)gate.judge(wrong);
    EXPECT_EQ(gate.waiting(), 0U);
}

TEST_F(access_gate_test, forgets_who_waited_when_trying_fails) {
    from->rules = std::make_shared<access_rules const>(rules);
    access_gate gate(from, [](std::string_view, std::string_view) -> bool { throw std::runtime_error("no memory"); });
    auto const r = head("GET", "/", basic("alice", "wonder"));
    EXPECT_FALSE(gate.glance(r));
    EXPECT_THROW((void)gate.judge(r), std::runtime_error);
    EXPECT_EQ(gate.waiting(), 0U);
}

TEST_F(access_gate_test, bounds_the_rate_before_anything_else) {
    std::chrono::steady_clock::time_point now(1s);
    options.limiter = std::make_shared<rate_limiter>(1s, 2, [&now] { return now; });
    rules.exempt.probes = true;
    auto gate = make();
    EXPECT_EQ(ask(gate, head("GET", "/-/healthy")), "admitted");
    EXPECT_EQ(ask(gate, head("GET", "/")), "401 Unauthorized | Basic");
    EXPECT_EQ(ask(gate, head("GET", "/-/healthy")), "429 Too Many Requests");
    EXPECT_EQ(ask(gate, head("GET", "/", basic("alice", "wonder"))), "429 Too Many Requests");
    now += 1s;
    EXPECT_EQ(ask(gate, head("GET", "/", basic("alice", "wonder"))), "judged: admitted") << "judging takes no token";
    EXPECT_EQ(ask(gate, head("GET", "/-/healthy")), "429 Too Many Requests");
}

TEST_F(access_gate_test, lets_nobody_in_without_knowing_the_rules) {
    rules.exempt.probes = true;
    auto gate = make();
    auto const r = head("GET", "/", basic("alice", "wonder"));
    EXPECT_FALSE(gate.glance(r));
    from->rules = nullptr;
    EXPECT_EQ(text(gate.judge(r)), "500 Internal Server Error");
    EXPECT_EQ(ask(gate, r), "500 Internal Server Error");
    EXPECT_EQ(ask(gate, head("GET", "/-/healthy")), "500 Internal Server Error");
}

TEST_F(access_gate_test, adds_fields_to_every_answer) {
    options.limiter = std::make_shared<rate_limiter>(1h, 4, [] { return std::chrono::steady_clock::time_point(1s); });
    auto const fields = std::make_shared<std::vector<field>>(std::vector<field>{{"X-Frame-Options", "deny"}});
    rules.fields = fields;
    auto gate = make();
    EXPECT_EQ(gate.glance(head("GET", "/"))->fields, fields);
    auto const r = head("GET", "/", basic("alice", "wonder"));
    EXPECT_FALSE(gate.glance(r));
    EXPECT_EQ(gate.judge(r).fields, fields);
    EXPECT_EQ(gate.glance(r)->fields, fields);
    EXPECT_FALSE(gate.glance(head("GET", "/", basic("alice", "wrong")))) << "takes the last token";
    auto const limited = gate.glance(r);
    EXPECT_EQ(limited->refusal->status, 429);
    EXPECT_EQ(limited->fields, fields);
}

}  // namespace
}  // namespace pushgateway::http
