#include "kept_store.hpp"

#include <utility>

template class pushgateway::store::basic_store<pushgateway::test::kept_policies>;

namespace pushgateway::test {

kept_store::kept_store(memory_disk& disk, manual_clock clock, journal::sqlite::sync_mode sync, bool check)
    : store_(std::move(clock), {check}, {}, {}, journal_) {
    options_.path = "kept.db";
    options_.vfs = disk.name();
    options_.lock = false;
    options_.sync = sync;
    options_.checkpoint_pages = 20;
}

result<> kept_store::open() {
    auto file = journal::sqlite::persistence_file::claim(options_);
    if (!file) return std::unexpected(file.error());
    if (auto done = file->open(); !done) return done;
    if (auto done = file->examine(); !done) return done;
    if (auto done = file->restore(store_, {}); !done) return done;
    auto keeper = file->make_keeper();
    if (!keeper) return std::unexpected(std::move(keeper.error()));
    return journal_.open(*std::move(keeper));
}

result<std::string> kept_on(memory_disk& disk) {
    kept_store kept(disk, manual_clock());
    if (auto opened = kept.open(); !opened) return std::unexpected(opened.error());
    return dump(*kept);
}

}  // namespace pushgateway::test
