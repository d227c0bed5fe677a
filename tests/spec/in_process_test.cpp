#include "in_process.hpp"

#include <gtest/gtest.h>

#include "pages.hpp"

namespace {

using namespace pushgateway;
using namespace pushgateway::spec;

class spec_in_process : public testing::TestWithParam<page_run> {};

TEST_P(spec_in_process, holds) {
    auto const p = load_page(GetParam().path);
    ASSERT_TRUE(p) << p.error().message;
    in_process_transport t(GetParam().mode);
    auto const r = run_page(*p, t, peer_for(GetParam().mode));
    for (auto const& f : r.failed) ADD_FAILURE() << f;
    for (auto const& s : r.skipped) {
        EXPECT_TRUE(s.find(": needs ") != std::string::npos) << s;
    }
    RecordProperty("passed", static_cast<int>(r.passed));
    RecordProperty("skipped", static_cast<int>(r.skipped.size()));
    EXPECT_GT(r.passed + r.skipped.size(), 0u) << "a run without exchanges";
    EXPECT_EQ(t.asked_to_quit(), std::ranges::any_of(p->exchanges, [&](exchange const& e) {
                  return e.tags.need("quit") && runs_in(e, GetParam().mode);
              }));
}

INSTANTIATE_TEST_SUITE_P(page, spec_in_process, testing::ValuesIn(page_runs(PUSHGATEWAY_SPEC_DIR)),
                         [](auto const& run) { return run_name(run.param); });

}  // namespace
