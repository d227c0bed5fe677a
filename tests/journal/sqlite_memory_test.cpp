// What a journal in a file costs in memory: nothing that grows with what is kept. Counts what operator new has given
// out; SQLite's own memory is its page cache, which has a fixed size.

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include <pushgateway/base/memory.hpp>
#include <pushgateway/base/memory_counting.hpp>

#include "journal/kept_store.hpp"
#include "support/scratch_folder.hpp"

namespace pushgateway::test {
namespace {

constexpr int groups = 2000;

std::ptrdiff_t live() { return static_cast<std::ptrdiff_t>(memory::bytes(memory::kind::heap)); }

/// The bytes that a store has come to hold when groups were pushed and answered.
template <class Store>
std::ptrdiff_t bytes_of_groups(Store& store) {
    std::vector<owned_family> filled{{"m", "help", model::metric_type::gauge, {}}};
    for (int i = 0; i != 22; ++i)
        filled[0].metrics.push_back({{{"number", std::to_string(i)}}, static_cast<double>(i)});
    auto const before = live();
    for (int i = 0; i != groups; ++i) {
        EXPECT_TRUE(
            store.push(model::grouping_key("job" + std::to_string(i)), push_mode::replace, owned_source(filled)));
    }
    return live() - before;
}

TEST(sqlite_memory, holds_no_copy_of_what_is_kept) {
    store::basic_store<default_policies> plain;
    auto const in_memory = bytes_of_groups(plain);
    EXPECT_GT(in_memory, groups * 22 * 8) << "nothing is counted";

    scratch_folder const folder;
    journal_of_file journal;
    store::basic_store<kept_policies> kept(manual_clock(), {}, {}, {}, journal);
    auto file = journal::sqlite::persistence_file::claim(
        {.path = folder.path_of("kept.db"), .sync = journal::sqlite::sync_mode::off});
    ASSERT_TRUE(file) << file.error().message;
    ASSERT_TRUE(file->open());
    ASSERT_TRUE(file->examine());
    ASSERT_TRUE(file->restore(kept, {}));
    auto keeper = file->make_keeper();
    ASSERT_TRUE(keeper);
    ASSERT_TRUE(journal.open(*std::move(keeper)));
    auto const with_file = bytes_of_groups(kept);
    // What a group needs to be found in the file, and what the last batches still hold.
    EXPECT_LT(with_file, in_memory + in_memory / 10) << in_memory;
}

}  // namespace
}  // namespace pushgateway::test
