#include <chrono>
#include <cstddef>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <pushgateway/gateway/failure_notes.hpp>
#include <pushgateway/gateway/gateway.hpp>
#include <pushgateway/gateway/group_query.hpp>

#include "compiled/gateway.hpp"

namespace pushgateway {
namespace {

using namespace std::chrono_literals;

TEST(label_pattern, takes_a_part_of_re2) {
    struct {
        std::string_view pattern, text;
        bool fits;
    } const cases[] = {
        {"", "", true},
        {"", "a", false},
        {"abc", "abc", true},
        {"abc", "abcd", false},
        {"a|bc|", "bc", true},
        {"a|bc|", "", true},
        {"a.c", "axc", true},
        {"a.c", "aöc", true},
        {"a.c", "ac", false},
        {"a.*c", "ac", true},
        {"a.+c", "ac", false},
        {"a.+c", "abbc", true},
        {".*b.*c", "abcbc", true},
        {".*b.*c", "abcb", false},
        {".*", "a\nb", false},
        {"a\\.b", "a.b", true},
        {"a\\.b", "axb", false},
        {"a\\|b\\*", "a|b*", true},
    };
    for (auto const& c : cases) {
        auto const pattern = label_pattern::parse(c.pattern);
        ASSERT_TRUE(pattern) << c.pattern;
        EXPECT_EQ(pattern->matches(c.text), c.fits) << c.pattern << " on " << c.text;
    }
    for (std::string_view const refused : {"[a]", "(a)", "a*", "a+", "a?", "^a", "a$", "a{2}", "\\d", "a\\", ".**"}) {
        EXPECT_FALSE(label_pattern::parse(refused)) << refused;
    }
    EXPECT_FALSE(label_pattern::parse(std::string(label_pattern::longest + 1, 'a')));
}

TEST(label_pattern, matches_as_a_regular_expression_does) {
    EXPECT_TRUE(rc::check([] {
        auto const pieces = *rc::gen::container<std::vector<std::string>>(
            rc::gen::element<std::string>("a", "b", ".", ".*", ".+", "|", "ab"));
        std::string text;
        for (auto const& p : pieces) {
            if (text.size() < 20) text += p;
        }
        auto const subject = (*rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab")))).substr(0, 16);
        auto const pattern = label_pattern::parse(text);
        RC_ASSERT(pattern.has_value());
        RC_ASSERT(pattern->matches(subject) == std::regex_match(subject, std::regex("(?:" + text + ")")));
    }));
}

TEST(label_pattern, is_quick_about_the_worst_pattern) {
    std::string worst;
    for (int i = 0; i != 100; ++i) worst += ".*a";
    EXPECT_FALSE(label_pattern::parse(worst + "b")->matches(std::string(60'000, 'a')));
}

bool selects(std::string_view selector, std::vector<model::label> const& key) {
    auto const read = group_selector::parse(selector);
    EXPECT_TRUE(read) << selector;
    return read && read->matches(key, [](std::string_view name) { return name == "m:x"; });
}

TEST(group_selector, takes_what_prometheus_writes) {
    std::vector<model::label> const key{{"host", "db\"1"}, {"job", "backup"}};
    for (std::string_view const yes :
         {R"({job="backup"})", R"( { job = 'backup' , host!="" , } )", "{}", "m:x", R"(m:x{job=~"back.*"})",
          R"({host="db\"1"})", "{host=`db\"1`}", R"({none=""})", R"({none!~".+"})", R"({job!="x",job!~"y|z"})"}) {
        EXPECT_TRUE(selects(yes, key)) << yes;
    }
    for (std::string_view const no :
         {R"({job="backups"})", R"({job="backup",host=""})", "other", R"({none!=""})", R"({job=~"back"})"}) {
        EXPECT_FALSE(selects(no, key)) << no;
    }
}

TEST(group_selector, refuses_everything_else_and_says_where) {
    for (std::string_view const wrong : {"", "{", "{job}", "{job=}", "{job=x}", R"({job="x)", R"({job="x"}x)", "1a",
                                         R"({job="x" host="y"})", R"({job=="x"})", R"({job="\x"})", R"({a:b="x"})"}) {
        auto const read = group_selector::parse(wrong);
        ASSERT_FALSE(read) << wrong;
        EXPECT_NE(read.error().message.find("at byte "), std::string::npos) << read.error().message;
    }
    EXPECT_FALSE(group_selector::parse(R"({job=~"[a]"})"));
    EXPECT_FALSE(group_selector::parse("{a=\"" + std::string(group_selector::longest, 'a') + "\"}"));
    std::string many = "{";
    for (std::size_t i = 0; i <= group_selector::most_matchers; ++i) many += "a=\"\",";
    EXPECT_FALSE(group_selector::parse(many + "}"));
}

struct group_query_test : testing::Test {
    manual_clock clock{timestamp(1'700'000'000s)};
    test::steered_gateway gateway{{}, clock};

    void push(std::string_view job, std::string_view host, std::string_view body) {
        model::grouping_key key(job);
        if (!host.empty()) key.set("host", host);
        static_cast<void>(gateway.push(key, push_mode::replace, body));
    }
    group_page ask(group_query const& query) {
        rows = group_rows(gateway.groups());
        return select(rows, query, clock.now());
    }
    std::string jobs(group_query const& query) {
        std::string out;
        for (auto const* row : ask(query).rows) {
            out += out.empty() ? "" : " ";
            out += row->job();
            for (auto const& label : row->labels()) {
                if (label.name == "host") out += '/' + std::string(label.value);
            }
        }
        return out;
    }

    group_rows rows;
};

group_query sorted(group_order order, bool descending = false) {
    group_query out;
    out.order = order;
    out.descending = descending;
    return out;
}

TEST_F(group_query_test, sorts_in_every_order) {
    push("b", "", "m 1\n");
    clock.advance(1s);
    push("a", "2", "m 1\nn{x=\"1\"} 1\nn{x=\"2\"} 1\n");
    clock.advance(1s);
    push("a", "1", "# TYPE h histogram\nh_bucket{le=\"1\"} 1\nh_sum 1\nh_count 1\n");
    push("c", "", "m 1 5\n");
    EXPECT_EQ(jobs(sorted(group_order::job)), "a/1 a/2 b c");
    EXPECT_EQ(jobs(sorted(group_order::job, true)), "c b a/2 a/1");
    EXPECT_EQ(jobs(sorted(group_order::pushed)), "c b a/2 a/1");
    EXPECT_EQ(jobs(sorted(group_order::pushed, true)), "a/1 a/2 b c");
    EXPECT_EQ(jobs(sorted(group_order::series)), "c b a/2 a/1");
    EXPECT_EQ(jobs(sorted(group_order::failed, true)), "c a/1 a/2 b");
    auto const page = ask({});
    EXPECT_EQ(page.rows[0]->series, 4u) << "with +Inf";
    EXPECT_EQ(page.rows[1]->families, 2u);
    EXPECT_TRUE(page.rows[3]->failed());
}

TEST_F(group_query_test, narrows_and_counts) {
    push("old", "", "m 1\n");
    clock.advance(2h);
    push("new", "", "files_total 1\n");
    push("bad", "", "m 1\n");
    clock.advance(1s);
    push("bad", "", "m 1 5\n");
    group_query query;
    query.stale_after = 1h;
    auto page = ask(query);
    EXPECT_EQ(page.total, 3u);
    EXPECT_EQ(page.found, 3u);
    EXPECT_EQ(page.failed, 1u);
    EXPECT_EQ(page.stale, 1u);
    EXPECT_EQ(page.until, unix_seconds(clock.now()) - 1 + 3600);
    query.condition = group_condition::stale;
    EXPECT_EQ(jobs(query), "old");
    query.condition = group_condition::failed;
    EXPECT_EQ(jobs(query), "bad");
    query.condition = group_condition::ok;
    EXPECT_EQ(jobs(query), "new old");
    query.search = *text_search::parse("FILES job=\"ne");
    page = ask(query);
    EXPECT_EQ(jobs(query), "new");
    EXPECT_EQ(page.found, 1u);
    EXPECT_EQ(page.matched, 1u);
    query.search = *text_search::parse("files old");
    EXPECT_EQ(jobs(query), "");
    query = {};
    query.selectors = {*group_selector::parse("m"), *group_selector::parse(R"({job="new"})")};
    EXPECT_EQ(jobs(query), "bad new old");
    query.selectors.pop_back();
    EXPECT_EQ(jobs(query), "bad old");
}

TEST_F(group_query_test, pages_by_offset) {
    for (int i = 0; i != 10; ++i) push("j", std::to_string(i), "m 1\n");
    group_query query;
    query.limit = 3;
    query.offset = 6;
    EXPECT_EQ(jobs(query), "j/6 j/7 j/8");
    EXPECT_TRUE(ask(query).more);
    query.offset = 9;
    EXPECT_EQ(jobs(query), "j/9");
    EXPECT_FALSE(ask(query).more);
    query.offset = 100;
    EXPECT_EQ(jobs(query), "");
    query.offset = 0;
    query.limit = 0;
    EXPECT_EQ(jobs(query), "");
    EXPECT_EQ(ask(query).matched, 10u);
}

// Whoever follows places meets every group that was there all the time exactly once, whatever comes and goes.
TEST_F(group_query_test, places_stay_while_groups_come_and_go) {
    for (auto const order : {group_order::job, group_order::pushed, group_order::series, group_order::failed}) {
        for (bool const descending : {false, true}) {
            gateway.wipe();
            for (int i = 0; i != 20; ++i) {
                clock.advance(1s);
                push("stays", std::to_string(i), "m 1\n");
            }
            auto query = sorted(order, descending);
            query.limit = 3;
            std::vector<std::string> met;
            for (int round = 0;; ++round) {
                auto const page = ask(query);
                for (auto const* row : page.rows) {
                    if (row->job() == "stays") met.emplace_back(row->labels()[0].value);
                }
                if (!page.more) break;
                ASSERT_LT(round, 100);
                auto const* last = page.rows.back();
                model::grouping_key key(last->job());
                for (auto const& label : last->labels()) key.set(label.name, label.value);
                query.after = group_place{number_of(*last, order), key};
                if (last->job() != "stays") gateway.erase(key);
                push("comes", std::to_string(round), "m 1\nn 1\n");
                push("zzz", std::to_string(round), "");
                if (round > 12) query.limit = 1000;
            }
            std::ranges::sort(met);
            EXPECT_EQ(met.size(), 20u) << static_cast<int>(order) << descending;
            EXPECT_EQ(std::ranges::adjacent_find(met), met.end());
        }
    }
}

TEST_F(group_query_test, the_generation_changes_with_every_change_and_only_then) {
    auto before = gateway.generation();
    auto const changed = [&] { return std::exchange(before, gateway.generation()) != before; };
    EXPECT_FALSE(changed());
    push("a", "", "m 1\n");
    EXPECT_TRUE(changed());
    push("a", "", "m 1\n");
    EXPECT_TRUE(changed());
    EXPECT_EQ(gateway.groups().generation(), before);
    static_cast<void>(gateway.scrape());
    EXPECT_FALSE(changed());
    push("a", "", "m 1 5\n");
    EXPECT_TRUE(changed()) << "a failure is a change";
    EXPECT_FALSE(gateway.erase(model::grouping_key("b")));
    EXPECT_FALSE(changed());
    EXPECT_TRUE(gateway.erase(model::grouping_key("a")));
    EXPECT_TRUE(changed());
    gateway.wipe();
    EXPECT_TRUE(changed());
    EXPECT_NE(decltype(gateway)().generation(), before) << "not even in another gateway";
}

TEST(failure_notes, keeps_the_latest_of_each_group_and_no_more_than_it_may) {
    failure_notes notes;
    auto const key = [](int i) { return model::grouping_key("j").set("i", std::to_string(i)); };
    auto const find = [&](int i) {
        auto const text = std::to_string(i);
        std::vector<model::label> const labels{{"i", text}, {"job", "j"}};
        return notes.find(labels);
    };
    EXPECT_FALSE(find(0));
    notes.note(key(0), "a");
    notes.note(key(0), "b");
    EXPECT_EQ(find(0), "b");
    for (int i = 1; i <= static_cast<int>(failure_notes::most); ++i) notes.note(key(i), std::to_string(i));
    EXPECT_FALSE(find(0));
    EXPECT_EQ(find(1), "1");
    notes.note(key(1), "again");
    notes.note(key(0), "new");
    EXPECT_EQ(find(1), "again");
    EXPECT_FALSE(find(2));
    notes.note(key(0), std::string(failure_notes::longest_text - 1, 'x') + "öö");
    EXPECT_EQ(find(0)->size(), failure_notes::longest_text - 1 + 3);
    notes.note(model::grouping_key(std::string(5000, 'x')), "too long");
    EXPECT_EQ(find(1), "again");
}

}  // namespace
}  // namespace pushgateway
