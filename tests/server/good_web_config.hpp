#pragma once

/// \file
/// What tests of web configurations have in common.

#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include <pushgateway/server/web_config.hpp>

namespace pushgateway::test {

inline std::string const bcrypt_hash = "$2y$10$X0h1gDsPszWURQaxFh.zoubFi6DXncSjhoQNJgRrnGs7EsimhC7zG";

/// What a configuration that is right says.
inline server::web_config good(std::string_view text) {
    auto config = server::parse_web_config(text, "/etc/gw");
    EXPECT_TRUE(config) << config.error().message;
    return config.value_or(server::web_config{});
}

}  // namespace pushgateway::test
