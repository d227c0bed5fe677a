#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/http/auth/bcrypt.hpp>

namespace pushgateway::http {
namespace {

struct known_hash {
    std::string password;
    std::string hash;
};

// Made by Go's bcrypt, the last two by htpasswd.
std::vector<known_hash> const known_hashes{
    {"secret", "$2a$04$f2PDS6sTdGSIG7YF1mDBUeMERhpqSo1g15QHbujosbkf8AeTuactG"},
    {"", "$2a$04$GSsqG7cIoCFvyR7LD8KPFu4bYObk8z3LOSjK1VVq3rc850jxT3cVa"},
    {"\xff\xa3"
     "345",
     "$2a$04$4pbIMXRMlWFHu1AJYEhiFOd7qs./mxD0bTswrkYWhBGiYYQp7qG4K"},
    {"\xff\xff\xa3", "$2a$04$binmIXsD3Iw7MvsdJKt4xu3CYx9pUMfDPo4liQ86OQ3kAqMZ8sdYe"},
    {"\u00dcber", "$2a$04$dffS2RVhg82CQnzlLVY./OWuVmUFhC8X8K17Oy5Z3UklsTYMwoQqi"},
    {std::string(72, 'x'), "$2a$04$4gL4dE5bDxS3Q/Q2TL7M9ugEgaoVu6WU3gm/6SK2k4zcOQ8ixzXH2"},
    {"secret", "$2y$04$atpW7569QfuQJz7rRB4axenoP8yEx9WNEdairAe1NXEJcXIYX1nka"},
    {"\xff\xff\xa3", "$2y$04$wk/sdWwSWP8bDjeq3vMBzeGgvJIG169zZ/R6OSaV58s7NE9sx6Q76"}};

std::string why(std::string_view hash) {
    auto const fine = bcrypt::check(hash);
    return fine ? "fine" : fine.error().message;
}

TEST(bcrypt_hash, is_checked) {
    std::string const rest = "$" + std::string(53, 'a');
    for (auto const* version : {"$2a", "$2b", "$2y"}) {
        EXPECT_EQ(why(version + std::string("$04") + rest), "fine");
        EXPECT_EQ(why(version + std::string("$18") + rest), "fine");
    }
    for (auto const* hash : {"", "doe", "$1$", "$2$10$", "$2x$10$", "$2c$10$", "2a$10$", "$argon2id$v=19$"}) {
        EXPECT_EQ(why(hash + rest), "is not a bcrypt hash, which begins with $2a$, $2b$ or $2y$") << hash;
    }
    for (auto const* cost : {"$03", "$00", "$32", "$99", "$1", "$1a", "$-4", "$100"}) {
        EXPECT_EQ(why("$2b" + std::string(cost) + rest), "is a bcrypt hash whose cost is not between 4 and 31") << cost;
    }
    EXPECT_EQ(why("$2b$19" + rest), "is a bcrypt hash of cost 19; more than 18 takes too long for a request");
    EXPECT_EQ(why("$2b$31" + rest), "is a bcrypt hash of cost 31; more than 18 takes too long for a request");
    auto const* const damaged = "is a damaged bcrypt hash: 60 characters are expected";
    EXPECT_EQ(why("$2b$10" + rest + "a"), damaged);
    EXPECT_EQ(why("$2b$10" + rest.substr(1)), "is a bcrypt hash whose cost is not between 4 and 31");
    EXPECT_EQ(why("$2b$10$" + std::string(52, 'a')), damaged);
    EXPECT_EQ(why("$2b$10$" + std::string(52, 'a') + "!"), damaged);
    EXPECT_EQ(why("$2b$10$" + std::string(52, 'a') + "\n"), damaged);
}

TEST(bcrypt_hash, tells_its_cost) {
    EXPECT_EQ(bcrypt::cost_of(known_hashes[0].hash), 4);
    EXPECT_EQ(bcrypt::cost_of("$2b$12$"), 12);
    EXPECT_EQ(bcrypt::cost_of(""), 0);
    EXPECT_EQ(bcrypt::cost_of("$2b$1"), 0);
    for (int cost = bcrypt::lowest_cost; cost <= bcrypt::accepted_cost; ++cost) {
        EXPECT_EQ(why(bcrypt::dummy_hash(cost)), "fine");
        EXPECT_EQ(bcrypt::cost_of(bcrypt::dummy_hash(cost)), cost);
    }
}

TEST(bcrypt_matches, what_other_programs_made) {
    for (auto const& [password, hash] : known_hashes) {
        for (char const version : {'a', 'b', 'y'}) {
            auto same = hash;
            same[2] = version;
            EXPECT_TRUE(bcrypt_matches(password, same)) << password << ' ' << same;
            EXPECT_FALSE(bcrypt_matches("y" + password, same)) << password;
        }
        for (auto const& other : known_hashes) {
            EXPECT_EQ(bcrypt_matches(other.password, hash), other.password == password) << other.password;
        }
    }
}

TEST(bcrypt_matches, the_first_72_bytes) {
    auto const& hash = known_hashes[5].hash;
    EXPECT_TRUE(bcrypt_matches(std::string(73, 'x'), hash));
    EXPECT_TRUE(bcrypt_matches(std::string(100'000, 'x'), hash));
    EXPECT_FALSE(bcrypt_matches(std::string(71, 'x'), hash));
    std::string other(72, 'x');
    other.back() = 'y';
    EXPECT_FALSE(bcrypt_matches(other, hash));
}

TEST(bcrypt_matches, no_password_with_a_zero_byte) {
    using namespace std::string_literals;
    EXPECT_FALSE(bcrypt_matches("secret\0"s, known_hashes[0].hash));
    EXPECT_FALSE(bcrypt_matches("secret\0more"s, known_hashes[0].hash));
    EXPECT_FALSE(bcrypt_matches("\0"s, known_hashes[1].hash));
}

TEST(bcrypt_matches, every_character_of_the_hash) {
    auto const& [password, hash] = known_hashes[0];
    for (std::size_t i = 4; i != hash.size(); ++i) {
        auto other = hash;
        other[i] = other[i] == 'o' ? 'p' : 'o';
        // Two of the bits of the salt's last character are none of the salt.
        if (i != bcrypt::salt_end - 1) {
            EXPECT_FALSE(bcrypt_matches(password, other)) << i;
        }
    }
    EXPECT_FALSE(bcrypt_matches(password, hash.substr(0, 59)));
    EXPECT_FALSE(bcrypt_matches(password, ""));
    EXPECT_FALSE(bcrypt_matches(password, "*0"));
}

TEST(bcrypt_matches, on_several_threads) {
    std::vector<std::jthread> threads;
    for (int i = 0; i != 4; ++i) {
        threads.emplace_back([] {
            for (auto const& [password, hash] : known_hashes) EXPECT_TRUE(bcrypt_matches(password, hash));
        });
    }
}

}  // namespace
}  // namespace pushgateway::http
