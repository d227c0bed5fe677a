// Who gets a seat, on a loop that nobody runs: what is to go has not gone yet.

#include <memory>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <pushgateway/http/connection.hpp>
#include <pushgateway/http/event_loop.hpp>
#include <pushgateway/http/server_options.hpp>
#include <pushgateway/http/service.hpp>
#include <pushgateway/http/stream_socket.hpp>

#include "support/running_server.hpp"

namespace pushgateway::http::detail {
namespace {

struct seats : testing::Test {
    seats() { of.options.usage->keep(limit_kind::connections, 1); }

    struct one : connection {
        explicit one(event_loop& on) : connection(stream_socket(on.io, {AF_INET, 0}), on.shared->options.limits) {
            on.enter(*this);
        }
    };

    static server_options options() {
        auto out = test::local(1);
        out.usage = std::make_shared<limit_usage>();
        return out;
    }

    service of{options(), test::echo, {}};
    event_loop loop{of, 2};
};

TEST_F(seats, of_those_who_are_to_go_are_free_at_once) {
    one regular(loop);
    one spare(loop);
    one other_spare(loop);
    EXPECT_EQ(regular.place, seat::regular);
    EXPECT_EQ(other_spare.place, seat::spare);
    EXPECT_TRUE(loop.no_spare_seat());
    ASSERT_TRUE(loop.make_spare_room());
    EXPECT_FALSE(loop.no_spare_seat());
    one newcomer(loop);
    EXPECT_EQ(newcomer.place, seat::spare);
    EXPECT_TRUE(loop.no_spare_seat());
    EXPECT_EQ(one(loop).place, seat::none);
    for (auto* const each : {&newcomer, &other_spare, &spare, &regular}) loop.leave(*each);
    EXPECT_FALSE(loop.full());
    one next(loop);
    EXPECT_EQ(next.place, seat::regular);
    loop.leave(next);
}

}  // namespace
}  // namespace pushgateway::http::detail
