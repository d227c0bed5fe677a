/// \file
/// What the gate costs a request on its I/O thread. A wrong answer fails the run.

#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <benchmark/benchmark.h>

#include <pushgateway/base/logger.hpp>
#include <pushgateway/http/auth/access_gate.hpp>
#include <pushgateway/http/auth/bcrypt.hpp>
#include <pushgateway/server/web_access.hpp>

#include "support/auth_requests.hpp"

namespace {

using namespace pushgateway;

// Of "secret", at the lowest cost.
constexpr auto secret = "$2a$04$f2PDS6sTdGSIG7YF1mDBUeMERhpqSo1g15QHbujosbkf8AeTuactG";

http::request push(std::string const& authorization) {
    http::request head;
    head.method = "POST";
    head.target = "/metrics/job/some_job/instance/some_instance";
    head.fields = {{"Host", "gateway:9091"}, {"User-Agent", "a client"}, {"Content-Length", "426"}};
    if (!authorization.empty()) head.fields.push_back({"Authorization", authorization});
    return head;
}

http::access_rules some_rules(std::size_t users, std::size_t tokens) {
    http::access_rules rules;
    for (std::size_t i = 0; i != users; ++i) rules.users["user" + std::to_string(i)].hash = secret;
    for (std::size_t i = 0; i != tokens; ++i) {
        auto const token = "token" + std::to_string(i);
        rules.tokens.push_back({token, http::sha256(token), {true, false, false, {{"some_*"}}}});
    }
    return rules;
}

void glance(benchmark::State& state, http::gate& gate, http::request const& head) {
    for (auto _ : state) {
        auto const said = gate.glance(head);
        if (!said || said->refusal) return state.SkipWithError("not admitted");
    }
}

void at_rules(benchmark::State& state, http::access_rules rules, std::string const& authorization) {
    http::access_gate gate(std::make_shared<http::fixed_rules>(std::move(rules)), http::bcrypt_matches);
    auto const head = push(authorization);
    if (!gate.glance(head)) (void)gate.judge(head);
    glance(state, gate, head);
}

void open_to_all(benchmark::State& state) { at_rules(state, {}, ""); }
void anonymous(benchmark::State& state) {
    auto rules = some_rules(10, 10);
    rules.anonymous.push = true;
    at_rules(state, std::move(rules), "");
}
void remembered_password(benchmark::State& state) {
    at_rules(state, some_rules(static_cast<std::size_t>(state.range(0)), 0), test::basic("user0", "secret"));
}
void token(benchmark::State& state) {
    at_rules(state, some_rules(0, static_cast<std::size_t>(state.range(0))), test::bearer("token0"));
}

void remembered_password_by_file(benchmark::State& state) {
    auto pattern = (std::filesystem::temp_directory_path() / "pushgateway_XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) return state.SkipWithError("no folder");
    auto const file = pattern + "/web.yml";
    std::ofstream(file) << "basic_auth_users: {user0: " << secret << "}";
    auto access = server::web_access::open(file, {}, null_logger());
    if (!access) return state.SkipWithError(access.error().message.c_str());
    auto const gate = access->gate();
    auto const head = push(test::basic("user0", "secret"));
    if (!gate->glance(head)) (void)gate->judge(head);
    glance(state, *gate, head);
    std::filesystem::remove_all(pattern);
}

void file_stamp(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(http::file_stamp::of("/etc/passwd"));
}

// What each step of the cost doubles.
void bcrypt_of_cost_10(benchmark::State& state) {
    auto const hash = http::bcrypt::dummy_hash(10);
    for (auto _ : state) benchmark::DoNotOptimize(http::bcrypt_matches("password", hash));
}

BENCHMARK(open_to_all);
BENCHMARK(anonymous);
BENCHMARK(remembered_password)->Arg(1)->Arg(1000);
BENCHMARK(token)->Arg(1)->Arg(100);
BENCHMARK(remembered_password_by_file);
BENCHMARK(file_stamp);
BENCHMARK(bcrypt_of_cost_10);

}  // namespace
