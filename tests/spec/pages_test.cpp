#include "pages.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace {

using namespace pushgateway::spec;

/// The anchor of a heading, as Markdown viewers make it.
std::string anchor(std::string_view heading) {
    std::string out;
    for (char c : heading) {
        if (c == ' ' || c == '-') out += '-';
        if (c >= 'A' && c <= 'Z') out += static_cast<char>(c + ('a' - 'A'));
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_') out += c;
    }
    return out;
}

/// Every `page.md#anchor` and `page.md` that a link may point to.
std::set<std::string> targets() {
    std::set<std::string> all;
    for (auto const& entry : std::filesystem::directory_iterator(PUSHGATEWAY_SPEC_DIR)) {
        auto const name = entry.path().filename().string();
        all.insert(name);
        std::ifstream in(entry.path());
        bool fenced = false;
        for (std::string line; std::getline(in, line);) {
            if (line.starts_with("```")) fenced = !fenced;
            if (fenced || !line.starts_with('#')) continue;
            all.insert(name + "#" + anchor(line.substr(line.find_first_not_of("# "))));
        }
    }
    return all;
}

class spec_page_links : public testing::TestWithParam<page_run> {};

TEST_P(spec_page_links, lead_somewhere) {
    auto const known = targets();
    auto const name = std::filesystem::path(GetParam().path).filename().string();
    auto const p = load_page(GetParam().path);
    ASSERT_TRUE(p) << p.error().message;
    for (auto const& e : p->exchanges) {
        if (e.tags.differs.empty()) continue;
        auto const hash = e.tags.differs.find('#');
        EXPECT_TRUE(known.contains("deviations.md" + e.tags.differs.substr(hash))) << e.line << ": " << e.tags.differs;
    }
    std::ifstream in(GetParam().path);
    bool fenced = false;
    std::size_t number = 0;
    for (std::string line; std::getline(in, line);) {
        ++number;
        if (line.starts_with("```")) fenced = !fenced;
        for (std::size_t at = 0; !fenced && (at = line.find("](", at)) != std::string::npos;) {
            at += 2;
            auto link = line.substr(at, line.find(')', at) - at);
            if (link.find("://") != std::string::npos) continue;
            if (link.starts_with('#')) link = name + link;
            EXPECT_TRUE(known.contains(link)) << name << ":" << number << ": " << link;
        }
    }
    EXPECT_GT(number, 0u);
}

TEST_P(spec_page_links, every_exchange_runs_in_some_mode) {
    auto const p = load_page(GetParam().path);
    ASSERT_TRUE(p) << p.error().message;
    for (auto const& e : p->exchanges) {
        bool const elsewhere =
            std::ranges::any_of(tried_elsewhere, [&](auto const& need) { return e.tags.need(need); });
        EXPECT_TRUE(elsewhere || std::ranges::any_of(modes, [&](auto const& m) { return runs_in(e, m); }))
            << p->name << ":" << e.line;
    }
}

INSTANTIATE_TEST_SUITE_P(page, spec_page_links, testing::ValuesIn(page_runs(PUSHGATEWAY_SPEC_DIR)),
                         [](auto const& run) { return run_name(run.param); });

}  // namespace
