#pragma once

/// \file
/// A folder with a persistence file, and what a server over it shows.

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/http_client.hpp"
#include "support/scratch_folder.hpp"

namespace pushgateway::test {

class persistence_fixture : public testing::Test {
protected:
    /// Starts the server on the file.
    [[nodiscard]] std::vector<std::string> arguments(std::vector<std::string> const& more = {}) const {
        std::vector<std::string> all{PUSHGATEWAY_BINARY, "--web.listen-address=127.0.0.1:0",
                                     "--persistence.file=" + file.string()};
        all.insert(all.end(), more.begin(), more.end());
        return all;
    }

    [[nodiscard]] std::string bytes() const {
        std::ifstream in(file, std::ios::binary);
        return {std::istreambuf_iterator<char>(in), {}};
    }

    scratch_folder const scratch;
    std::filesystem::path const folder = scratch.path();
    std::filesystem::path file = folder / "kept.db";
};

/// The lines of an exposition that were pushed.
inline std::string pushed_lines(std::string const& exposition) {
    std::string out;
    std::size_t at = 0;
    while (at < exposition.size()) {
        auto const end = exposition.find('\n', at);
        auto const line = exposition.substr(at, end - at);
        at = end + 1;
        if (line.find("pushgateway_") == std::string::npos && line.find("process_") == std::string::npos)
            out += line + '\n';
    }
    return out;
}

/// What was pushed, as a scrape shows it.
inline std::string scrape(http_client& client) {
    auto const reply = client.send("GET", "/metrics");
    return reply ? pushed_lines(reply->body) : "no answer: " + reply.error().message.substr(0, 200);
}

}  // namespace pushgateway::test
