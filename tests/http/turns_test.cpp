// Whose turn it is on a server with one thread, and what becomes of requests that nobody waits for.

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <map>
#include <mutex>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <pushgateway/http/server.hpp>

#include "support/running_server.hpp"

namespace pushgateway::http {
namespace {

using namespace std::chrono_literals;
using namespace test;

/// Whether both of two requests that wait are worked on before one of them is answered.
bool both_before_an_answer() {
    std::promise<void> held;
    std::promise<void> released;
    tcp_stream one;
    tcp_stream other;
    int worked_on = 0;
    std::promise<bool> answered_early;
    running const s(
        [&](request const& r) {
            if (r.target == "/hold") {
                held.set_value();
                released.get_future().wait();
            } else if (r.target != "/first" && ++worked_on == 2) {
                // What was sent may still be on its way.
                answered_early.set_value(one.has_arrived(100ms) || other.has_arrived(0ms));
            }
            return echo(r);
        },
        local(1));
    auto holding = s.connect();
    one = s.connect();
    other = s.connect();
    std::string bytes;
    for (auto* stream : {&one, &other}) {
        EXPECT_TRUE(stream->send(with_host("GET /first HTTP/1.1")));
        EXPECT_TRUE(receive(*stream, bytes, "GET /first "));
        bytes.clear();
    }
    EXPECT_TRUE(holding.send(with_host("GET /hold HTTP/1.1")));
    held.get_future().wait();
    EXPECT_TRUE(one.send(with_host("GET /one HTTP/1.1")));
    EXPECT_TRUE(other.send(with_host("GET /other HTTP/1.1")));
    released.set_value();
    bool const early = answered_early.get_future().get();
    EXPECT_TRUE(receive(one, bytes, "GET /one "));
    EXPECT_TRUE(receive(other, bytes, "GET /other "));
    return !early;
}

TEST(turns, requests_that_have_arrived_come_before_answers) {
    // The system may be late to hand the second request over.
    bool seen = false;
    for (int i = 0; i != 20 && !seen; ++i) seen = both_before_an_answer();
    EXPECT_TRUE(seen);
}

work_class by_name(request const& r) {
    if (r.target.starts_with("/scrape")) return work_class::scrape;
    if (r.target.starts_with("/push")) return work_class::push;
    return r.target.starts_with("/list") ? work_class::list : work_class::immediate;
}

/// A handler whose requests to `…/held` wait until they are let go, and those to `…/paused` until the server goes on;
/// it remembers in what order it was called.
class steered {
public:
    response operator()(request const& r) {
        {
            std::scoped_lock const lock(mutex_);
            handled_.push_back(r.target);
        }
        if (r.target.ends_with("/held")) {
            held_.release();
            go_.acquire();
        }
        if (r.target.ends_with("/paused")) {
            held_.release();
            resume_.acquire();
        }
        return echo(r);
    }
    /// Waits until so many requests are held.
    void wait_held(int count) {
        for (int i = 0; i != count; ++i) held_.acquire();
    }
    void let_go(int count) { go_.release(count); }
    void resume() { resume_.release(); }
    std::vector<std::string> handled() {
        std::scoped_lock const lock(mutex_);
        return handled_;
    }

private:
    std::mutex mutex_;
    std::vector<std::string> handled_;
    std::counting_semaphore<> held_{0};
    std::counting_semaphore<> go_{0};
    std::counting_semaphore<> resume_{0};
};

struct steered_server {
    explicit steered_server(std::size_t workers, limits bounds = {})
        : it(handler(), options(workers, bounds), by_name) {}

    server::handler handler() {
        return [this](request const& r) { return work(r); };
    }
    server_options options(std::size_t workers, limits const& bounds) const {
        auto out = local(1);
        out.worker_threads = workers;
        out.usage = usage;
        out.limits = bounds;
        return out;
    }
    tcp_stream ask(std::string const& target) const {
        auto out = it.connect();
        EXPECT_TRUE(out.send(with_host("GET " + target + " HTTP/1.1")));
        return out;
    }
    bool waiting(limit_kind kind, std::uint64_t count) const {
        return comes_true([&] { return usage->used(kind) == count; });
    }

    std::shared_ptr<limit_usage> usage = std::make_shared<limit_usage>();
    steered work;
    running it;
};

TEST(turns, a_scrape_and_a_probe_wait_for_no_list_and_no_push) {
    steered_server s(2);
    std::vector<tcp_stream> others;
    others.push_back(s.ask("/list/held"));
    s.work.wait_held(1);
    others.push_back(s.ask("/push/held"));
    s.work.wait_held(1);
    for (int i = 0; i != 20; ++i) others.push_back(s.ask(i % 2 == 0 ? "/list" : "/push"));
    EXPECT_TRUE(s.waiting(limit_kind::queued_lists, 10));
    EXPECT_TRUE(s.waiting(limit_kind::queued_pushes, 10));
    for (std::string const target : {"/scrape", "/probe", "/scrape"}) {
        auto client = s.ask(target);
        std::string bytes;
        EXPECT_TRUE(receive(client, bytes, "GET " + target));
    }
    s.work.let_go(2);
    for (auto& client : others) {
        std::string bytes;
        EXPECT_TRUE(receive(client, bytes, "HTTP/1.1 200 OK"));
    }
    EXPECT_EQ(s.it.it.dropped(), 0U);
}

TEST(turns, lists_leave_a_worker_to_pushes) {
    steered_server s(2);
    auto held = s.ask("/list/held");
    s.work.wait_held(1);
    auto list = s.ask("/list");
    EXPECT_TRUE(s.waiting(limit_kind::queued_lists, 1));
    auto push = s.ask("/push");
    std::string bytes;
    EXPECT_TRUE(receive(push, bytes, "GET /push"));
    EXPECT_EQ(s.usage->used(limit_kind::queued_lists), 1U);
    s.work.let_go(1);
    EXPECT_TRUE(receive(list, bytes, "GET /list"));
}

TEST(turns, what_waits_is_bounded) {
    limits bounds;
    bounds.queued_scrapes = 3;
    bounds.queued_pushes = 2;
    bounds.queued_lists = 1;
    steered_server s(1, bounds);
    struct kind {
        std::string target;
        limit_kind limit;
        int runs;
        std::string_view sentence;
    };
    std::array const kinds{
        kind{"/list", limit_kind::queued_lists, 1, R"(more than 1 lists wait for their turn (limit "queued-lists"))"},
        kind{"/push", limit_kind::queued_pushes, 0,
             R"(more than 2 pushes wait for their turn (limit "queued-pushes"))"},
        kind{"/scrape", limit_kind::queued_scrapes, 1,
             R"(more than 3 scrapes wait for their turn (limit "queued-scrapes"))"}};
    std::vector<tcp_stream> waiting;
    for (auto const& k : kinds) {
        for (int i = 0; i != k.runs; ++i) waiting.push_back(s.ask(k.target + "/held"));
        s.work.wait_held(k.runs);
        auto const most = s.usage->most(k.limit);
        for (std::uint64_t i = 0; i != most; ++i) waiting.push_back(s.ask(k.target));
        EXPECT_TRUE(s.waiting(k.limit, most));
        auto client = s.it.client();
        auto const refused = client.send("GET", k.target).value();
        EXPECT_EQ(refused.status, 503);
        EXPECT_EQ(refused.body, "503 Service Unavailable: " + std::string(k.sentence) + "\n");
        EXPECT_EQ(refused.header("Retry-After"), "1");
        EXPECT_EQ(s.usage->rejections(k.limit), 1U);
        EXPECT_EQ(client.send("GET", "/probe").value().status, 200) << "on the same connection";
    }
    s.work.let_go(2);
    for (auto& client : waiting) {
        std::string bytes;
        EXPECT_TRUE(receive(client, bytes, "HTTP/1.1 200 OK"));
    }
}

TEST(turns, what_would_have_to_wait_goes_to_a_worker) {
    running const s(
        [](request const& r) {
            if (must_not_wait::here() && r.target == "/push") throw would_wait();
            return echo(r);
        },
        local(1));
    auto client = s.client();
    for (std::string const target : {"/push", "/other", "/push"}) {
        auto const got = client.send("GET", target).value();
        EXPECT_EQ(got.status, 200);
        EXPECT_EQ(got.body, "GET " + target + " ");
    }
}

/// How a client goes that does not wait for its answer.
enum class leaving { closes, resets };

void leave(tcp_stream stream, leaving how) {
    if (how == leaving::resets) stream.reset_on_close();
    stream.close();
}

TEST(turns, what_nobody_waits_for_any_more_is_dropped) {
    for (auto const how : {leaving::closes, leaving::resets}) {
        steered_server s(1);
        auto held = s.ask("/push/held");
        s.work.wait_held(1);
        for (int i = 0; i != 5; ++i) leave(s.ask("/push/gone"), how);
        auto here = s.ask("/push/here");
        EXPECT_TRUE(comes_true([&] { return s.it.it.dropped() == 5; }));
        s.work.let_go(1);
        std::string bytes;
        EXPECT_TRUE(receive(here, bytes, "GET /push/here"));
        EXPECT_EQ(s.work.handled(), (std::vector<std::string>{"/push/held", "/push/here"}));
    }
}

TEST(turns, who_has_gone_before_he_would_wait_is_dropped_at_once) {
    limits bounds;
    bounds.queued_pushes = 1;
    steered_server s(1, bounds);
    std::vector<tcp_stream> here;
    here.push_back(s.ask("/push/held"));
    s.work.wait_held(1);
    here.push_back(s.ask("/push/here"));
    EXPECT_TRUE(s.waiting(limit_kind::queued_pushes, 1));
    // They send and go while the only event loop is busy.
    here.push_back(s.ask("/probe/paused"));
    s.work.wait_held(1);
    for (int i = 0; i != 5; ++i) leave(s.ask("/push/gone"), leaving::closes);
    s.work.resume();
    EXPECT_TRUE(comes_true([&] { return s.it.it.dropped() == 5; }));
    EXPECT_EQ(s.usage->rejections(limit_kind::queued_pushes), 0U) << "they never waited";
    s.work.let_go(1);
    for (auto& client : here) {
        std::string bytes;
        EXPECT_TRUE(receive(client, bytes, "HTTP/1.1 200 OK"));
    }
    EXPECT_EQ(s.work.handled(), (std::vector<std::string>{"/push/held", "/probe/paused", "/push/here"}));
}

TEST(turns, who_has_gone_before_his_turn_is_not_served_in_it) {
    steered_server s(1);
    auto held = s.ask("/push/held");
    s.work.wait_held(1);
    std::vector<tcp_stream> going;
    for (int i = 0; i != 5; ++i) going.push_back(s.ask("/push/gone"));
    auto here = s.ask("/push/here");
    EXPECT_TRUE(s.waiting(limit_kind::queued_pushes, 6));
    for (auto& client : going) leave(std::move(client), leaving::resets);
    s.work.let_go(1);  // sooner than the event loop looks, as a rule
    std::string bytes;
    EXPECT_TRUE(receive(here, bytes, "GET /push/here"));
    EXPECT_TRUE(comes_true([&] { return s.it.it.dropped() == 5; }));
    EXPECT_EQ(s.work.handled(), (std::vector<std::string>{"/push/held", "/push/here"}));
}

TEST(turns, workers_come_behind_event_loops_where_processors_are_short) {
    auto options = local(1);
    options.worker_threads = 1;
    auto const priority = [](request const&) { return response(200, std::to_string(::getpriority(PRIO_PROCESS, 0))); };
    running const s(priority, options, by_name);
    auto client = s.client();
    auto const loop = ::getpriority(PRIO_PROCESS, 0);
    EXPECT_EQ(client.send("GET", "/probe").value().body, std::to_string(loop));
    EXPECT_EQ(client.send("GET", "/push").value().body, std::to_string(std::min(loop + 5, 19)));
}

TEST(turns, bodies_that_wait_to_be_read_stay_whole) {
    std::promise<void> held;
    std::promise<void> released;
    running const s(
        [&](request const& r) {
            if (r.target == "/hold") {
                held.set_value();
                released.get_future().wait();
            }
            return response(200, r.method + ' ' + r.target + ' ' + std::to_string(r.body.size()));
        },
        local(1));
    std::vector<tcp_stream> clients(10);
    for (auto& client : clients) {
        client = s.connect();
        std::string bytes;
        EXPECT_TRUE(client.send(with_host("GET /first HTTP/1.1")));
        EXPECT_TRUE(receive(client, bytes, "GET /first 0"));
    }
    auto holding = s.connect();
    EXPECT_TRUE(holding.send(with_host("GET /hold HTTP/1.1")));
    held.get_future().wait();
    for (auto& client : clients) {
        EXPECT_TRUE(client.send("PUT /large HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n" +
                                std::string(200'000, 'x')));
    }
    // So long that it is time to look after idle connections while they wait for their turns. If it were too short,
    // this would show nothing; it does not fail for that.
    std::this_thread::sleep_for(1200ms);
    released.set_value();
    for (auto& client : clients) {
        std::string bytes;
        EXPECT_TRUE(receive(client, bytes, "PUT /large 200000")) << bytes;
    }
}

TEST(turns, who_only_ends_what_he_sends_is_answered) {
    for (std::string const version : {"1.1", "1.0"}) {
        steered_server s(1);
        auto held = s.ask("/push/held");
        s.work.wait_held(1);
        auto here = s.it.connect();
        EXPECT_TRUE(here.send(with_host("GET /push/half HTTP/" + version)));
        here.finish_sending();
        // Looked after as often as those that are dropped, and longer than they.
        for (std::uint64_t i = 0; i != 2; ++i) {
            auto going = s.ask("/push/gone");
            EXPECT_TRUE(s.waiting(limit_kind::queued_pushes, 2));
            leave(std::move(going), leaving::closes);
            EXPECT_TRUE(comes_true([&] { return s.it.it.dropped() == i + 1; }));
        }
        s.work.let_go(1);
        std::string bytes;
        EXPECT_TRUE(receive(here, bytes, "GET /push/half"));
        auto const asked = std::string_view(bytes).starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n");
        EXPECT_EQ(asked, version == "1.1") << bytes;
    }
}

TEST(turns, what_is_left_after_the_grace_of_a_stop_is_dropped) {
    steered_server s(1);
    std::vector<tcp_stream> clients;
    for (std::string const target : {"/push/held", "/scrape/held"}) {
        clients.push_back(s.ask(target));
        s.work.wait_held(1);
    }
    for (std::string const target : {"/push", "/list", "/scrape"}) clients.push_back(s.ask(target));
    for (auto const kind : {limit_kind::queued_scrapes, limit_kind::queued_pushes, limit_kind::queued_lists}) {
        EXPECT_TRUE(s.waiting(kind, 1));
    }
    s.it.it.stop(0ms);
    EXPECT_TRUE(comes_true([&] { return s.it.it.dropped() == 3; }));
    s.work.let_go(2);
    s.it.it.wait();
    EXPECT_EQ(s.work.handled().size(), 2U);
}

}  // namespace
}  // namespace pushgateway::http
