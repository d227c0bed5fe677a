// A log whose reader does not read.

#include <csignal>
#include <cstddef>
#include <cstdint>
#include <future>
#include <string>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <pushgateway/server/log.hpp>

namespace pushgateway::server {
namespace {

struct pipe_ends {
    int out = -1;
    int in = -1;

    pipe_ends() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) == 0) {
            out = ends[0];
            in = ends[1];
        }
    }
    pipe_ends(pipe_ends const&) = delete;
    pipe_ends& operator=(pipe_ends const&) = delete;
    ~pipe_ends() {
        ::close(out);
        ::close(in);
    }

    std::string read_all() {
        ::close(in);
        in = -1;
        std::string all;
        char buffer[4096];
        for (;;) {
            auto const size = ::read(out, buffer, sizeof buffer);
            if (size <= 0) return all;
            all.append(buffer, static_cast<std::size_t>(size));
        }
    }
};

struct read_log {
    std::uint64_t lines = 0;
    std::uint64_t dropped = 0;
    bool ends_with_dropped = false;
};

/// Counts the lines about `message`, and what the others say of those that were dropped.
read_log read_back(std::string_view text, std::string_view message) {
    read_log out;
    while (!text.empty()) {
        auto const end = text.find('\n');
        EXPECT_NE(end, std::string_view::npos) << "an unfinished line: " << text;
        if (end == std::string_view::npos) break;
        auto const line = text.substr(0, end);
        text.remove_prefix(end + 1);
        auto const count = line.find(" count=");
        out.ends_with_dropped = count != std::string_view::npos;
        if (out.ends_with_dropped) {
            EXPECT_NE(line.find("log lines were dropped"), std::string_view::npos) << line;
            out.dropped += std::stoull(std::string(line.substr(count + 7)));
        } else {
            EXPECT_NE(line.find(message), std::string_view::npos) << line;
            ++out.lines;
        }
    }
    return out;
}

TEST(log_queue, writes_everything_in_order_before_it_ends) {
    pipe_ends pipe;
    {
        log_writer const log(log_level::info, log_format::logfmt, pipe.in);
        for (int i = 0; i != 100; ++i) log(log_level::info, "line " + std::to_string(i));
    }
    auto const all = pipe.read_all();
    std::size_t at = 0;
    for (int i = 0; i != 100; ++i) {
        at = all.find("msg=\"line " + std::to_string(i) + "\"\n", at);
        ASSERT_NE(at, std::string::npos) << i;
    }
}

TEST(log_queue, lets_nobody_wait_for_its_reader_and_counts_what_is_dropped) {
    constexpr std::uint64_t lines = 50'000;
    {
        auto const format = log_format::logfmt;
        pipe_ends pipe;
        std::string all;
        std::future<void> reader;
        {
            log_writer const log(log_level::info, format, pipe.in);
            // Nobody reads: this would not end if a line waited.
            for (std::uint64_t i = 0; i != lines; ++i) log(log_level::info, "of many");
            reader = std::async(std::launch::async, [&] {
                char buffer[4096];
                while (auto const size = ::read(pipe.out, buffer, sizeof buffer)) {
                    if (size < 0) return;
                    all.append(buffer, static_cast<std::size_t>(size));
                }
            });
        }
        ::close(std::exchange(pipe.in, -1));
        reader.get();
        auto const got = read_back(all, "of many");
        EXPECT_EQ(got.lines + got.dropped, lines);
        EXPECT_GT(got.dropped, 0U);
        EXPECT_GE(got.lines, log_queue::most_waiting);
    }
}

TEST(log_queue, ends_even_if_nobody_ever_reads) {
    pipe_ends pipe;
    {
        log_writer const log(log_level::info, log_format::json, pipe.in);
        for (int i = 0; i != 5000; ++i) log(log_level::info, std::string(100, 'x'));
    }
    EXPECT_FALSE(pipe.read_all().empty());
}

TEST(log_queue, ends_if_its_reader_has_gone) {
    auto const before = ::signal(SIGPIPE, SIG_IGN);
    pipe_ends pipe;
    ::close(std::exchange(pipe.out, -1));
    {
        log_writer const log(log_level::info, log_format::logfmt, pipe.in);
        for (int i = 0; i != 5000; ++i) log(log_level::info, "to nobody");
    }
    EXPECT_LT(::write(pipe.in, "x", 1), 0) << "nobody could have read it";
    ::signal(SIGPIPE, before);
}

}  // namespace
}  // namespace pushgateway::server
