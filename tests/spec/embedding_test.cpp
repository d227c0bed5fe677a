#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include <pushgateway/pushgateway.hpp>

namespace example {
#define main run
#include "embedding_example.cpp"
#undef main
}  // namespace example

namespace {

std::string read(std::string const& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

TEST(embedding, the_example_of_the_page_is_this_one) {
    auto const code = read(EMBEDDING_EXAMPLE);
    ASSERT_FALSE(code.empty());
    EXPECT_NE(read(PUSHGATEWAY_SPEC_DIR "/embedding.md").find("```cpp\n" + code + "```"), std::string::npos);
}

TEST(embedding, the_example_shows_what_was_pushed) {
    testing::internal::CaptureStdout();
    EXPECT_EQ(example::run(), 0);
    EXPECT_NE(
        testing::internal::GetCapturedStdout().find("\nfiles_total{host=\"db1\",instance=\"\",job=\"backup\"} 12\n"),
        std::string::npos);
}

}  // namespace
