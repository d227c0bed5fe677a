// What is put into a file by an import can be restored, or the import fails.

#include <filesystem>
#include <limits>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <unistd.h>

#include <pushgateway/journal/sqlite/persistence_file.hpp>
#include <pushgateway/store/store.hpp>

namespace pushgateway::test {
namespace {

class sqlite_import : public testing::Test {
protected:
    sqlite_import()
        : folder(std::filesystem::temp_directory_path() / ("pushgateway_import_" + std::to_string(::getpid()))) {
        std::filesystem::remove_all(folder);
        std::filesystem::create_directories(folder);
    }
    ~sqlite_import() override { std::filesystem::remove_all(folder); }

    template <class Fill>
    result<> import(Fill&& fill) const {
        auto file = journal::sqlite::persistence_file::claim({.path = folder / "kept.db"});
        if (!file) return std::unexpected(file.error());
        if (auto opened = file->open(); !opened) return opened;
        auto const done = file->import([&](journal::sqlite::group_importer& importer) {
            importer.begin(model::grouping_key("j"));
            fill(importer);
            return importer.end();
        });
        if (!done) return std::unexpected(done.error());
        return {};
    }

    /// What a server shows that begins with the file.
    [[nodiscard]] std::string shown() const {
        auto file = journal::sqlite::persistence_file::claim({.path = folder / "kept.db"});
        store::basic_store<> store;
        auto done = file->open();
        if (done) done = file->restore(store, {});
        EXPECT_TRUE(done) << done.error().message;
        std::string text;
        store.scrape().append_to(text);
        return text;
    }

    static void add(journal::sqlite::group_importer& importer, std::string_view name, double value,
                    std::string_view label = "l") {
        model::label const own{label, "1"};
        bool const is_time = name == store::push_time_name;
        model::metric const metric{
            is_time ? std::span<model::label const>() : std::span(&own, 1), model::gauge{value}, {}};
        importer.add({name, std::nullopt, model::metric_type::gauge, {&metric, 1}}, timestamp{});
    }

    std::filesystem::path folder;
};

TEST_F(sqlite_import, takes_times_of_pushes_that_are_none_as_never) {
    using limit = std::numeric_limits<double>;
    for (double const time : {limit::quiet_NaN(), limit::infinity(), -limit::infinity(), -0.0}) {
        auto const done = import([&](auto& importer) { add(importer, store::push_time_name, time); });
        ASSERT_TRUE(done) << time << ": " << done.error().message;
        EXPECT_NE(shown().find("push_time_seconds{instance=\"\",job=\"j\"} 0\n"), std::string::npos) << shown();
    }
}

TEST_F(sqlite_import, examination_can_be_ended) {
    ASSERT_TRUE(import([](auto& importer) {
        for (int i = 0; i != 10000; ++i) add(importer, "m" + std::to_string(i), i);
    }));
    auto file = journal::sqlite::persistence_file::claim({.path = folder / "kept.db"});
    ASSERT_TRUE(file && file->open());
    auto const ended = file->examine([] { return false; });
    ASSERT_FALSE(ended);
    EXPECT_EQ(ended.error().code, errc::unavailable);
    EXPECT_TRUE(file->examine([] { return true; }));
}

TEST_F(sqlite_import, fails_for_what_could_not_be_restored) {
    ASSERT_TRUE(import([](auto& importer) { add(importer, "fine", 1); }));
    auto const before = shown();
    for (auto const* name : {"", "\xff"}) {
        auto const family = import([&](auto& importer) { add(importer, name, 1); });
        ASSERT_FALSE(family);
        EXPECT_EQ(family.error().code, errc::unsupported);
        EXPECT_NE(family.error().message.find("has a name that no exposition can show"), std::string::npos)
            << family.error().message;
        EXPECT_EQ(shown(), before);
    }
}

}  // namespace
}  // namespace pushgateway::test
