// Which answers begin, wait or are cut off while memory is short. What the process takes is what the tests say.

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <asio/awaitable.hpp>
#include <asio/co_spawn.hpp>
#include <asio/detached.hpp>
#include <asio/io_context.hpp>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/memory.hpp>
#include <pushgateway/base/memory_budget.hpp>
#include <pushgateway/http/connection.hpp>
#include <pushgateway/http/eviction.hpp>
#include <pushgateway/http/open_answers.hpp>
#include <pushgateway/http/stream_socket.hpp>

namespace pushgateway::http::detail {
namespace {

using std::chrono::hours;
using std::chrono::steady_clock;

constexpr std::size_t mega = std::size_t{1} << 20;

limits bounded_memory() {
    limits out;
    out.memory = 64 * mega;
    return out;
}

/// An answer to be sent on a connection of its own.
struct sent {
    sent(asio::io_context& io, open_answers& all, bool at_once = false)
        : of(stream_socket(io, {AF_INET, 0}), bounded_memory()) {
        answer.emplace(all, of, current, io.get_executor(), at_once);
    }

    bool open() const { return answer && of.socket.is_open(); }

    connection of;
    open_answers::answer* current = nullptr;
    std::optional<open_answers::answer> answer;
    bool gone = false;
    std::optional<bool> begins;
};

/// Answers of two event loops. For `patience`, nothing that happens in a test takes long, or everything does.
struct open_answers_that : testing::Test {
    explicit open_answers_that(open_answers::patience with = {hours(1), hours(1)}) : all(bounds, usage, with) {}
    ~open_answers_that() override {
        for (auto& one : answers) {
            one.gone = true;
            if (one.of.turn != nullptr) one.of.turn->cancel();
        }
        run();
        take(0);
    }

    static void take(std::size_t bytes) { memory::note_measured(bytes); }
    void be_short() const { take(bounds.memory); }

    static asio::awaitable<void> begin(sent& one) {
        std::function<bool()> const gone = [&one] { return one.gone; };
        one.begins = co_await one.answer->begin(gone);
        if (!*one.begins) one.answer.reset();
    }
    sent& ask(asio::io_context& on) {
        auto& one = answers.emplace_back(on, all);
        asio::co_spawn(on, begin(one), asio::detached);
        run();
        return one;
    }
    sent& ask() { return ask(io); }

    /// Does what can be done without waiting.
    void run() {
        for (std::size_t done = 1; done != 0;) {
            done = 0;
            for (auto* const each : {&io, &other}) {
                each->restart();
                done += each->poll();
            }
            // As the coroutine of a connection that is closed does.
            for (auto& one : answers) {
                if (!one.answer || one.of.socket.is_open()) continue;
                one.answer.reset();
                ++done;
            }
        }
    }

    void wait_for_client(sent& one) {
        one.answer->progress();
        run();
        one.answer->wait_for_client();
        run();
    }

    limits bounds = bounded_memory();
    limit_usage usage;
    open_answers all;
    asio::io_context io{1};
    asio::io_context other{1};
    std::deque<sent> answers;
};

TEST_F(open_answers_that, find_memory_begin_at_once) {
    for (int i = 0; i != 20; ++i) EXPECT_EQ(ask().begins, true);
}

TEST_F(open_answers_that, find_none_wait_for_their_turn_in_order) {
    be_short();
    for (int i = 0; i != 4; ++i) EXPECT_EQ(ask().begins, true);
    auto& first = ask();
    auto& second = ask(other);
    auto& third = ask();
    EXPECT_FALSE(first.begins || second.begins || third.begins);
    EXPECT_EQ(usage.rejections(limit_kind::memory), 0U) << "their clients are not waited for";
    answers[0].answer.reset();
    run();
    EXPECT_TRUE(first.begins && !second.begins && !third.begins);
    answers[1].answer.reset();
    answers[2].answer.reset();
    run();
    EXPECT_TRUE(second.begins && third.begins);
}

// Nobody knows what those take that have just begun.
TEST_F(open_answers_that, take_nothing_yet_are_counted_with_what_they_will) {
    take(memory_budget{bounds.memory}.requests() - mega - mega / 2);
    for (int i = 0; i != 4; ++i) EXPECT_EQ(ask().begins, true);
    for (std::size_t i = 0; i != 3; ++i) wait_for_client(answers[i]);
    EXPECT_TRUE(ask(other).begins);
    EXPECT_EQ(usage.rejections(limit_kind::memory), 1U) << "there are a megabyte and a half, and one has begun";
    answers[3].answer->progress();
    answers[4].answer->progress();
    EXPECT_TRUE(ask(other).begins);
    EXPECT_EQ(usage.rejections(limit_kind::memory), 1U);
}

TEST_F(open_answers_that, wait_for_their_client_make_room_the_longest_first) {
    be_short();
    for (int i = 0; i != 4; ++i) ask();
    wait_for_client(answers[2]);
    wait_for_client(answers[1]);
    answers[2].answer->progress();
    wait_for_client(answers[2]);
    auto& fifth = ask();
    EXPECT_TRUE(fifth.begins);
    EXPECT_TRUE(answers[0].open() && !answers[1].open() && answers[2].open() && answers[3].open());
    EXPECT_EQ(usage.rejections(limit_kind::memory), 1U);
}

// However many do not read: none of them has to be waited for.
TEST_F(open_answers_that, begin_to_wait_for_their_client_let_the_next_begin) {
    be_short();
    for (int i = 0; i != 40; ++i) ask(i % 2 == 0 ? io : other);
    for (std::size_t i = 0; i != 36; ++i) {
        EXPECT_FALSE(answers[i + 4].begins);
        wait_for_client(answers[i]);
        EXPECT_TRUE(answers[i + 4].begins);
    }
    EXPECT_EQ(usage.rejections(limit_kind::memory), 36U);
}

TEST_F(open_answers_that, come_make_one_go_and_not_all) {
    for (int i = 0; i != 20; ++i) wait_for_client(ask());
    be_short();
    auto& next = ask(other);
    EXPECT_EQ(usage.rejections(limit_kind::memory), 1U);
    EXPECT_FALSE(next.begins) << "what the others hold is too much";
    ask();
    EXPECT_EQ(usage.rejections(limit_kind::memory), 1U) << "it is not its turn";
    take(0);
    answers[7].answer.reset();
    run();
    EXPECT_TRUE(next.begins);
}

TEST_F(open_answers_that, are_read_are_spared_while_others_are_not) {
    be_short();
    for (int i = 0; i != 4; ++i) ask();
    wait_for_client(answers[0]);
    wait_for_client(answers[0]);
    wait_for_client(answers[1]);
    auto& fifth = ask();
    EXPECT_TRUE(fifth.begins);
    EXPECT_TRUE(answers[0].open() && !answers[1].open());
    auto& sixth = ask();
    EXPECT_FALSE(sixth.begins) << "not at once";
    EXPECT_TRUE(answers[0].open());
    wait_for_client(answers[2]);
    EXPECT_TRUE(sixth.begins);
    EXPECT_TRUE(answers[0].open() && !answers[2].open());
}

// They would hold each other up.
TEST_F(open_answers_that, are_made_while_memory_is_short_are_four_at_most) {
    take(memory_budget{bounds.memory}.requests() - 3 * mega);
    for (std::size_t i = 0; i != 20; ++i) {
        auto& one = ask();
        ASSERT_EQ(one.begins.has_value(), i < 4);
        if (i < 4) one.answer->progress();
    }
    run();
    wait_for_client(answers[0]);
    EXPECT_TRUE(answers[4].begins);
    EXPECT_FALSE(answers[5].begins);
    EXPECT_EQ(usage.rejections(limit_kind::memory), 0U);
    take(0);
    answers[0].answer.reset();
    run();
    EXPECT_TRUE(answers.back().begins);
}

struct open_answers_long_unread_that : open_answers_that {
    open_answers_long_unread_that() : open_answers_that({steady_clock::duration(), hours(1)}) {}
};

TEST_F(open_answers_long_unread_that, are_read_go_if_there_are_no_others) {
    be_short();
    for (int i = 0; i != 4; ++i) ask();
    wait_for_client(answers[0]);
    wait_for_client(answers[0]);
    EXPECT_TRUE(ask().begins);
    EXPECT_FALSE(answers[0].open());
}

TEST_F(open_answers_long_unread_that, are_in_the_way_go_until_there_is_room) {
    for (int i = 0; i != 20; ++i) wait_for_client(ask());
    be_short();
    EXPECT_TRUE(ask(other).begins);
    EXPECT_EQ(usage.rejections(limit_kind::memory), 17U) << "one of four may begin";
}

TEST_F(open_answers_that, are_there_already_take_the_place_of_another_if_there_are_four) {
    be_short();
    for (std::size_t i = 0; i != 6; ++i) {
        EXPECT_EQ(usage.rejections(limit_kind::memory), i < 4 ? 0 : i - 4);
        wait_for_client(answers.emplace_back(io, all, true));
    }
    EXPECT_TRUE(answers.back().open());
}

TEST_F(open_answers_that, nobody_wants_any_more_leave_the_line) {
    be_short();
    for (int i = 0; i != 4; ++i) ask();
    auto& leaves = ask();
    auto& next = ask();
    ASSERT_NE(leaves.of.turn, nullptr);
    leaves.gone = true;
    leaves.of.turn->cancel();
    run();
    EXPECT_EQ(leaves.begins, false);
    EXPECT_EQ(leaves.of.turn, nullptr);
    answers[0].answer.reset();
    run();
    EXPECT_EQ(next.begins, true);
    EXPECT_EQ(next.of.turn, nullptr);
}

TEST_F(open_answers_that, wait_for_their_turn_on_a_spare_seat_can_make_room) {
    be_short();
    for (int i = 0; i != 4; ++i) ask();
    auto& waits = ask();
    auto& newcomer = ask();
    connection_list seats;
    for (auto* const one : {&waits, &newcomer}) {
        one->of.place = seat::spare;
        one->of.what = waiting::handler;
        seats.push_back(one->of);
    }
    EXPECT_EQ(oldest_spare_scrape(seats, newcomer.of), &waits.of);
    waits.of.evicted = true;
    EXPECT_EQ(oldest_spare_scrape(seats, newcomer.of), nullptr);
}

TEST_F(open_answers_that, are_cut_off_by_the_watch_have_waited_for_so_long) {
    auto& reads = ask();
    auto& waits = ask();
    wait_for_client(waits);
    EXPECT_FALSE(all.cut_oldest(hours(1)));
    EXPECT_TRUE(all.cut_oldest({}));
    EXPECT_FALSE(all.cut_oldest({})) << "once";
    run();
    EXPECT_TRUE(reads.open() && !waits.open());
}

}  // namespace
}  // namespace pushgateway::http::detail
