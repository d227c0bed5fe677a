#pragma once

/// \file
/// The body of a response in pieces that a test names.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <pushgateway/http/message.hpp>

namespace pushgateway::test {

struct pieces_source : http::body_source {
    explicit pieces_source(std::vector<std::string> p) : pieces(std::move(p)) {}
    bool next(std::string& out) override {
        if (at == pieces.size()) return false;
        out = pieces[at++];
        return true;
    }
    std::vector<std::string> pieces;
    std::size_t at = 0;
};

}  // namespace pushgateway::test
