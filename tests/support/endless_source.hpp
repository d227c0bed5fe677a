#pragma once

/// \file
/// A response body without an end.

#include <cstddef>
#include <future>
#include <string>

#include <pushgateway/http/message.hpp>

namespace pushgateway::test {

/// Never ends; tells when the server has let go of it.
struct endless_source : http::body_source {
    explicit endless_source(std::promise<void>& g) : gone(g) {}
    ~endless_source() override { gone.set_value(); }
    bool next(std::string& out) override {
        out.assign(std::size_t{64} << 10, 'x');
        return true;
    }
    std::promise<void>& gone;
};

}  // namespace pushgateway::test
