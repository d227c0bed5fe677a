#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>
#include <support/gzip.hpp>
#include <support/routed.hpp>
#include <support/snappy.hpp>
#include <support/zstd.hpp>

#include <pushgateway/http/content_coding.hpp>

namespace pushgateway::http {
namespace {

using test::body_of;
using test::header;
using test::routed;

struct coding {
    std::string name;
    std::function<std::string(std::string_view)> fold;
};

std::vector<coding> const& codings() {
    static std::vector<coding> const all{{"gzip", [](std::string_view text) { return test::gzip(text); }},
                                         {"snappy", [](std::string_view text) { return test::snappy_framed(text); }},
                                         {"zstd", [](std::string_view text) { return test::zstd(text); }}};
    return all;
}

TEST(find_decoder, by_name_in_any_case_of_letters) {
    for (std::string_view const name : {"gzip", "GZIP", "Snappy", "zStd", "x-gzip", "X-GZip"}) {
        EXPECT_NE(find_decoder(name), nullptr) << name;
    }
    for (std::string_view const name : {"", "identity", "br", "deflate", "gzip, zstd", "gzip,", " gzip"}) {
        EXPECT_EQ(find_decoder(name), nullptr) << name;
    }
}

TEST(coded_push, is_read_in_each_coding) {
    routed gateway;
    for (auto const& c : codings()) {
        auto const packed = c.fold("coded{in=\"" + c.name + "\"} 1\n");
        EXPECT_EQ(gateway.send("PUT", "/metrics/job/" + c.name, packed, {{"Content-Encoding", c.name}}).status, 200);
        auto shown = gateway.send("GET", "/metrics");
        EXPECT_NE(body_of(shown).find("\ncoded{in=\"" + c.name + "\",instance=\"\",job=\"" + c.name + "\"} 1\n"),
                  std::string::npos);
    }
}

TEST(coded_push, of_an_unknown_or_combined_coding_is_read_as_it_is) {
    routed gateway;
    for (std::string const name : {"br", "identity", "gzip, zstd"}) {
        EXPECT_EQ(gateway.send("PUT", "/metrics/job/x", "m 1\n", {{"Content-Encoding", name}}).status, 200) << name;
        EXPECT_EQ(gateway.send("PUT", "/metrics/job/x", test::gzip("m 1\n"), {{"Content-Encoding", name}}).status, 400)
            << name;
    }
}

TEST(coded_push, that_is_damaged_stores_nothing_and_says_where) {
    routed gateway;
    ASSERT_EQ(gateway.send("PUT", "/metrics/job/x", "kept 1\n").status, 200);
    for (auto const& c : codings()) {
        auto const packed = c.fold("other 1\nanother 2\n");
        for (auto const& body : {packed.substr(0, packed.size() - 1), "?" + packed, packed + "?"}) {
            auto const answer = gateway.send("PUT", "/metrics/job/x", body, {{"Content-Encoding", c.name}});
            EXPECT_EQ(answer.status, 400);
            EXPECT_TRUE(answer.body.starts_with(c.name + ": ")) << answer.body;
            EXPECT_NE(answer.body.find(" at byte "), std::string::npos) << answer.body;
        }
    }
    auto shown = gateway.send("GET", "/metrics");
    auto const text = body_of(shown);
    EXPECT_NE(text.find("\nkept{"), std::string::npos);
    EXPECT_EQ(text.find("other{"), std::string::npos);
}

TEST(coded_push, of_a_snappy_block_is_told_so) {
    routed gateway;
    auto const answer = gateway.send("PUT", "/metrics/job/x", test::snappy_block("m 1\nm 1\nm 1\nm 1\nm 1\n"),
                                     {{"Content-Encoding", "snappy"}});
    EXPECT_EQ(answer.status, 400);
    EXPECT_TRUE(answer.body.starts_with("snappy: this is a block, as remote write sends it")) << answer.body;
}

TEST(coded_push, is_bounded_by_size_and_by_ratio) {
    for (auto const& c : codings()) {
        router_options options;
        options.limits.decoded_body = 4 << 20;
        options.limits.decoded_ratio = 10;
        routed gateway(options);
        auto const push = [&](std::string const& packed) {
            return gateway.send("PUT", "/metrics/job/x", packed, {{"Content-Encoding", c.name}});
        };
        auto const by_ratio = push(c.fold(std::string(2 << 20, '\n')));
        EXPECT_EQ(by_ratio.status, 413) << c.name;
        EXPECT_EQ(by_ratio.body, "the body unfolds to more than 10 times its size (limit \"decoded-ratio\")\n");
        EXPECT_EQ(push(c.fold(std::string(1 << 20, '\n'))).status, 200) << c.name;
        auto shown = gateway.send("GET", "/metrics");
        EXPECT_NE(body_of(shown).find("pushgateway_limit_rejections_total{limit=\"decoded-ratio\"} 1\n"),
                  std::string::npos);

        options.limits.decoded_ratio = 0;
        routed loose(options);
        auto const by_size = loose.send("PUT", "/metrics/job/x", c.fold(std::string((4 << 20) + 1, '\n')),
                                        {{"Content-Encoding", c.name}});
        EXPECT_EQ(by_size.status, 413) << c.name;
        EXPECT_EQ(by_size.body, "the decompressed body is larger than 4194304 bytes (limit \"decoded-body\")\n");
        EXPECT_EQ(
            loose.send("PUT", "/metrics/job/x", c.fold(std::string(4 << 20, '\n')), {{"Content-Encoding", c.name}})
                .status,
            200);
    }
}

TEST(coded_scrape, is_what_the_plain_one_is) {
    routed gateway;
    std::string body;
    for (int i = 0; i != 20'000; ++i) body += "m{i=\"" + std::to_string(i) + "\"} " + std::to_string(i * 7919) + '\n';
    ASSERT_EQ(gateway.send("PUT", "/metrics/job/x", body).status, 200);
    auto const scrape = [&](std::string const& accepted) {
        return gateway.send("GET", "/metrics?name[]=m", {}, {{"Accept-Encoding", accepted}});
    };
    auto plain = scrape("identity");
    EXPECT_EQ(header(plain, "Content-Encoding"), "");
    auto const text = body_of(plain);
    auto in_gzip = scrape("gzip");
    EXPECT_EQ(header(in_gzip, "Content-Encoding"), "gzip");
    EXPECT_EQ(test::gunzip(body_of(in_gzip)), text);
    auto in_zstd = scrape("zstd;q=0.5");
    EXPECT_EQ(header(in_zstd, "Content-Encoding"), "zstd");
    EXPECT_EQ(header(in_zstd, "Vary"), "Accept, Accept-Encoding");
    std::string packed;
    std::size_t pieces = 0;
    for (std::string piece; in_zstd.stream->next(piece); ++pieces) {
        EXPECT_LT(piece.size(), text.size() / 4);
        packed += piece;
    }
    EXPECT_GT(pieces, 2u);
    EXPECT_EQ(test::unzstd(packed), text);
}

struct listed_pieces final : body_source {
    std::vector<std::string> left;
    bool next(std::string& out) override {
        if (left.empty()) return false;
        out = std::move(left.front());
        left.erase(left.begin());
        return true;
    }
};

RC_GTEST_PROP(encode_stream_laws, any_pieces_are_one_body, (std::vector<std::string> const& pieces)) {
    std::string whole;
    for (auto const& p : pieces) whole += p;
    for (std::string_view const accepted : {"", "gzip", "zstd"}) {
        auto made = std::make_unique<listed_pieces>();
        made->left = pieces;
        response out;
        out.stream = std::move(made);
        encode_stream(out, accepted);
        RC_ASSERT(header(out, "Content-Encoding") == accepted);
        auto const sent = body_of(out);
        auto const got = accepted == "gzip"   ? test::gunzip(sent)
                         : accepted == "zstd" ? test::unzstd(sent)
                                              : std::optional(sent);
        RC_ASSERT(got == whole);
    }
}

}  // namespace
}  // namespace pushgateway::http
