// What a file holds that was written by a release which took more: shown repaired, and still in the file.

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include <pushgateway/journal/sqlite/persistence_file.hpp>
#include <pushgateway/store/store.hpp>

#include "support/recording_logger.hpp"

namespace pushgateway::test {
namespace {

struct logged_policies : default_policies {
    using logger = recording_logger;
};

TEST(sqlite_repair, loses_nothing_and_shows_what_can_be_shown) {
    auto const folder = std::filesystem::temp_directory_path() / ("pushgateway_repair_" + std::to_string(::getpid()));
    std::filesystem::remove_all(folder);
    std::filesystem::create_directories(folder);
    auto file = journal::sqlite::persistence_file::claim({.path = folder / "kept.db"});
    ASSERT_TRUE(file && file->open());
    std::vector<model::bucket_span> const spans{{0, 1}};
    std::vector<std::int64_t> const deltas{3};
    model::native_buckets const native{0, 0, 0, {}, {spans, deltas}};
    model::metric const histogram{{}, model::histogram{2, 1, {}, &native}};
    model::metric const gauge{{}, model::gauge{1}};
    auto const imported = file->import([&](journal::sqlite::group_importer& importer) -> result<> {
        for (auto const& key : {model::grouping_key("j"), model::grouping_key("j").set("region", "")}) {
            importer.begin(key);
            importer.add({"h", {}, model::metric_type::histogram, {&histogram, 1}}, {});
            importer.add({"g", "bad \xff help", model::metric_type::gauge, {&gauge, 1}}, {});
            if (auto ended = importer.end(); !ended) return ended;
        }
        return {};
    });
    ASSERT_TRUE(imported) << imported.error().message;
    // Twice: the file stays as it is.
    for (int i = 0; i != 2; ++i) {
        recording_logger log;
        store::basic_store<logged_policies> store({}, {}, log);
        auto const restored = file->restore(store, {}, 1);
        ASSERT_TRUE(restored) << restored.error().message;
        std::string text;
        store.scrape().append_to(text);
        EXPECT_TRUE(text.contains("# HELP g bad \xEF\xBF\xBD help\n# TYPE g gauge\ng{instance=\"\",job=\"j\"} 1\n"))
            << text;
        EXPECT_TRUE(text.contains("h_bucket{instance=\"\",job=\"j\",le=\"+Inf\"} 2\n")) << text;
        EXPECT_FALSE(text.contains("region")) << text;
        EXPECT_EQ(store.statistics().groups, 2u);
        std::size_t repaired = 0;
        std::size_t left_out = 0;
        for (auto const& entry : log.entries()) {
            repaired += entry.message == "stored series are shown repaired" ? 1 : 0;
            left_out += entry.message == "stored series are left out of the exposition" ? 1 : 0;
        }
        EXPECT_EQ(repaired, 4u);
        EXPECT_EQ(left_out, 3u) << "two families and the times of a group";
        EXPECT_TRUE(store.erase(model::grouping_key("j")));
        text.clear();
        store.scrape().append_to(text);
        EXPECT_TRUE(text.contains("h_bucket{instance=\"\",job=\"j\",region=\"\",le=\"+Inf\"} 2\n")) << text;
    }
    std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace pushgateway::test
