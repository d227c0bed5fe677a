#include <array>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/http/auth/digest.hpp>

namespace pushgateway::http {
namespace {

std::string hex(digest const& d) {
    std::string out;
    for (auto const byte : d) {
        std::array<char, 3> text{};
        std::snprintf(text.data(), text.size(), "%02x", byte);
        out += text.data();
    }
    return out;
}

TEST(sha256, of_the_examples_of_its_standard) {
    EXPECT_EQ(hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(hex(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(hex(sha256("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq")),
              "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(parse_digest, reads_hexadecimal_digits) {
    auto const text = hex(sha256("abc"));
    EXPECT_EQ(parse_digest(text), sha256("abc"));
    std::string upper;
    for (char const c : text) upper += c >= 'a' ? static_cast<char>(c - 32) : c;
    EXPECT_EQ(parse_digest(upper), sha256("abc"));
    EXPECT_FALSE(parse_digest(text.substr(1)));
    EXPECT_FALSE(parse_digest(text + "0"));
    EXPECT_FALSE(parse_digest("g" + text.substr(1)));
    EXPECT_FALSE(parse_digest(""));
}

TEST(keyed_digest, tells_apart_what_a_concatenation_does_not) {
    keyed_digest const key;
    EXPECT_EQ(key({"a", "b"}), key({"a", "b"}));
    EXPECT_NE(key({"a", "b"}), key({"ab", ""}));
    EXPECT_NE(key({"a", "b"}), key({"", "ab"}));
    EXPECT_NE(key({"a", "b"}), key({"b", "a"}));
    EXPECT_NE(key({"a", "b"}), key({"a", "b", ""}));
    EXPECT_EQ(key({}), key({}));
}

TEST(keyed_digest, has_a_secret_of_its_own) { EXPECT_NE(keyed_digest()({"a"}), keyed_digest()({"a"})); }

TEST(keyed_digest, is_the_same_on_every_thread) {
    keyed_digest const key;
    auto const expected = key({"a", "b"});
    std::vector<digest> got(4);
    {
        std::vector<std::jthread> threads;
        for (auto& d : got) threads.emplace_back([&d, &key] { d = key({"a", "b"}); });
    }
    for (auto const& d : got) EXPECT_EQ(d, expected);
}

}  // namespace
}  // namespace pushgateway::http
