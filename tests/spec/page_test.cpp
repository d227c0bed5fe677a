#include "page.hpp"

#include <string>

#include <gtest/gtest.h>

namespace {

using namespace pushgateway::spec;

constexpr std::string_view one = R"(# A page

Some text.

```sh
echo "not an exchange"
```

```http fresh needs=admin,no-lifecycle
PUT /metrics/job/j
X-Note: a: b

x 1
y 2

HTTP/1.1 200
Content-Length: 0
!Location
###
GET /metrics

HTTP/1.1 200 OK

...
x 1

HTTP/1.1 500 (upstream)
```
)";

TEST(spec_page, reads_exchanges_with_their_places) {
    auto const p = parse_page("one.md", one);
    ASSERT_TRUE(p) << p.error().message;
    ASSERT_EQ(p->exchanges.size(), 2u);
    auto const& put = p->exchanges[0];
    EXPECT_EQ(put.line, 10u);
    EXPECT_TRUE(put.tags.fresh);
    EXPECT_TRUE(put.tags.need("admin"));
    EXPECT_TRUE(put.tags.need("no-lifecycle"));
    EXPECT_EQ(put.method, "PUT");
    EXPECT_EQ(put.target, "/metrics/job/j");
    ASSERT_EQ(put.fields.size(), 1u);
    EXPECT_EQ(put.fields[0].name, "X-Note");
    EXPECT_EQ(put.fields[0].value, "a: b");
    EXPECT_EQ(put.body, "x 1\ny 2\n");
    ASSERT_EQ(put.responses.at("").size(), 1u);
    EXPECT_EQ(put.responses.at("")[0].status, 200);
    ASSERT_EQ(put.responses.at("")[0].fields.size(), 2u);
    EXPECT_EQ(put.responses.at("")[0].fields[1].name, "!Location");
    EXPECT_TRUE(put.responses.at("")[0].body.empty());

    auto const& get = p->exchanges[1];
    EXPECT_EQ(get.line, 20u);
    EXPECT_FALSE(get.tags.fresh) << "fresh belongs to the block, not to each of its exchanges";
    EXPECT_EQ(get.body, "");
    EXPECT_EQ(get.responses.at("")[0].body, (std::vector<std::string>{"...", "x 1"}));
    EXPECT_EQ(get.responses.at("upstream")[0].status, 500);
}

std::string body_of(std::string_view lines) {
    auto const p = parse_page("p", "```http\nPUT /x\n\n" + std::string(lines) + "\n\nHTTP/1.1 200\n```\n");
    return p ? p->exchanges.at(0).body : "error: " + p.error().message;
}

TEST(spec_page, turns_symbols_into_bytes) {
    EXPECT_EQ(body_of("x 1␠"), "x 1 \n");
    EXPECT_EQ(body_of("␉x␍"), "\tx\r\n");
    EXPECT_EQ(body_of("x 1␃"), "x 1");
    EXPECT_EQ(body_of("⟦ef bb bf⟧x"), "\xef\xbb\xbfx\n");
    EXPECT_EQ(body_of("⟦61*3⟧⟦0001⟧␃"), std::string("aaa\0\x01", 5));
    EXPECT_EQ(body_of("a\n\nb"), "a\n\nb\n");
}

TEST(spec_page, keeps_the_bytes_of_the_wire) {
    auto const p = parse_page("p",
                              "```http half-close\nGET / HTTP/1.1\nHost: a␊\n\n⏸\nbody␃\n\n\nHTTP/1.1 100\n\n"
                              "HTTP/1.1 200\n```\n");
    ASSERT_TRUE(p) << p.error().message;
    auto const& e = p->exchanges.at(0);
    EXPECT_TRUE(e.tags.wire);
    EXPECT_TRUE(e.tags.half_close);
    EXPECT_EQ(e.raw, (std::vector<std::string>{"GET / HTTP/1.1\r\nHost: a\n\r\n", "body\r\n"}));
    EXPECT_EQ(e.responses.at("").size(), 2u);
}

TEST(spec_page, takes_one_of_two_statuses) {
    auto const p = parse_page("p", "```http\nGET /\n\nHTTP/1.1 301/307 (upstream)\n```\n");
    ASSERT_TRUE(p) << p.error().message;
    EXPECT_EQ(p->exchanges.at(0).responses.at("upstream").at(0).status, 301);
    EXPECT_EQ(p->exchanges.at(0).responses.at("upstream").at(0).other_status, 307);
}

class spec_page_damage : public testing::TestWithParam<std::pair<std::string, std::string>> {};

TEST_P(spec_page_damage, is_named_with_its_line) {
    auto const p = parse_page("bad.md", "\n" + GetParam().first);
    ASSERT_FALSE(p);
    EXPECT_EQ(p.error().message, "bad.md:" + GetParam().second);
}

INSTANTIATE_TEST_SUITE_P(
    all, spec_page_damage,
    testing::Values(
        std::pair{"```http\nGET /\n\nHTTP/1.1 200\n", "2: this fence is never closed"},
        std::pair{"```http sometimes\nGET /\n\nHTTP/1.1 200\n```", "2: unknown tag sometimes"},
        std::pair{"```http needs=luck\nGET /\n\nHTTP/1.1 200\n```", "2: unknown need luck"},
        std::pair{"```http\nGET /\n\nbody\n```", "3: an exchange without a response"},
        std::pair{"```http\nHTTP/1.1 200\n```", "3: an exchange without a request"},
        std::pair{"```http\n```", "3: an exchange without a request"},
        std::pair{"```http\nGET\n\nHTTP/1.1 200\n```", "3: expected METHOD TARGET, found: GET"},
        std::pair{"```http\nGET /\nnonsense\n\nHTTP/1.1 200\n```", "3: not a header field: nonsense"},
        std::pair{"```http\nGET /\n\nHTTP/1.1 200\nnonsense\n```", "3: not a header field: nonsense"},
        std::pair{"```http\nGET /\n\n⟦xy⟧\n\nHTTP/1.1 200\n```", "3: expected hexadecimal bytes between ⟦ and ⟧"},
        std::pair{"```http\nGET /\n\n⟦61\n\nHTTP/1.1 200\n```", "3: expected hexadecimal bytes between ⟦ and ⟧"},
        std::pair{"```http\nGET /\n\n␃x\n\nHTTP/1.1 200\n```", "3: ␃ must end its line"},
        std::pair{"```http\nGET /\n\n␊x\n\nHTTP/1.1 200\n```", "3: ␊ must end its line"},
        std::pair{"```http\nGET /\n\nHTTP/1.1 200 (elsewhere)\n```", "3: unknown peer elsewhere"}));

}  // namespace
