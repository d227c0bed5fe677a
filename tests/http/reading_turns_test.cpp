#include <atomic>
#include <cstddef>
#include <memory>
#include <string>

#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <gtest/gtest.h>

#include <pushgateway/http/reading_turns.hpp>

namespace pushgateway::http::detail {
namespace {

/// Connections of one event loop, and what they do, in order.
struct readers {
    asio::io_context io{1};
    std::atomic<std::size_t> scrapes{0};
    reading_turns turns{io, scrapes};
    std::string done;

    asio::awaitable<void> read(char name, int times) {
        for (int i = 0; i != times; ++i) {
            if (!turns.take()) co_await turns.next();
            done += name;
        }
    }
    void begin(char name, int times) { asio::co_spawn(io, read(name, times), asio::detached); }
    /// What takes one of so many rounds of the loop after the other, as a probe does.
    void step(int rounds) {
        if (rounds == 0) return;
        done += '.';
        asio::post(io, [this, rounds] { step(rounds - 1); });
    }
};

TEST(reading_turns, are_given_in_order_of_arrival) {
    readers r;
    for (char const name : {'a', 'b', 'c'}) r.begin(name, 3);
    r.io.run();
    // The first one asks again before the others have come.
    EXPECT_EQ(r.done, "aabcabcbc");
}

TEST(reading_turns, are_one_in_a_round_of_the_loop) {
    readers r;
    for (char name = 'a'; name != 'i'; ++name) r.begin(name, 4);
    asio::post(r.io, [&r] { r.step(20); });
    r.io.run();
    auto const begin = r.done.find('.');
    auto const end = r.done.rfind('.');
    ASSERT_GT(end - begin, 30U) << r.done;
    std::string run;
    for (char const c : r.done.substr(begin, end - begin)) {
        run = c == '.' ? "" : run + c;
        EXPECT_LE(run.size(), 1U) << r.done;
    }
}

TEST(reading_turns, are_free_when_nobody_reads) {
    readers r;
    for (int i = 0; i != 3; ++i) {
        r.begin('a', 1);
        r.io.run();
        r.io.restart();
        EXPECT_TRUE(r.turns.take()) << "the turn before is over";
        r.io.run();
        r.io.restart();
    }
    EXPECT_EQ(r.done, "aaa");
}

TEST(reading_turns, wait_for_a_scrape) {
    readers r;
    r.scrapes = 1;
    for (char const name : {'a', 'b'}) r.begin(name, 2);
    asio::post(r.io, [&r] {
        r.done += "made ";
        r.scrapes = 0;
    });
    r.io.run();
    EXPECT_EQ(r.done, "made abab");
}

TEST(reading_turns, do_not_wait_for_ever_for_scrapes) {
    readers r;
    r.scrapes = 1;
    for (char const name : {'a', 'b'}) r.begin(name, 20);
    r.io.run();
    EXPECT_EQ(r.done.size(), 40U);
}

TEST(reading_turns, that_are_never_given_are_given_up) {
    auto const alive = std::make_shared<int>();
    {
        readers r;
        asio::co_spawn(
            r.io,
            [](readers& of, std::shared_ptr<int>) -> asio::awaitable<void> { co_await of.turns.next(); }(r, alive),
            asio::detached);
        EXPECT_TRUE(r.turns.take());
        r.io.run_one();
        EXPECT_EQ(alive.use_count(), 2);
    }
    EXPECT_EQ(alive.use_count(), 1);
}

}  // namespace
}  // namespace pushgateway::http::detail
