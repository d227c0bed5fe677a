// A gateway inside of a program that keeps its groups in a file.

#include <cstdio>
#include <string>

#include <unistd.h>

#include <pushgateway/journal/sqlite/persistence_file.hpp>
#include <pushgateway/pushgateway.hpp>

using kept_in_file = pushgateway::journal::sqlite::sqlite_journal;

struct policies : pushgateway::default_policies {
    using journal = kept_in_file;
};

namespace {

/// Opens the file, pushes if there is nothing yet, and gives the number of groups that the file had.
pushgateway::result<std::size_t> visit(std::string const& path) {
    auto file = pushgateway::journal::sqlite::persistence_file::claim({.path = path});
    if (!file) return std::unexpected(file.error());
    kept_in_file journal;
    pushgateway::basic_gateway<policies> gateway({}, {}, {}, {}, journal);
    if (auto done = file->open(); !done) return std::unexpected(done.error());
    if (auto done = file->examine(); !done) return std::unexpected(done.error());
    if (auto done = file->restore(gateway, {}); !done) return std::unexpected(done.error());
    auto keeper = file->make_keeper();
    if (!keeper) return std::unexpected(keeper.error());
    if (auto done = journal.open(*std::move(keeper)); !done) return std::unexpected(done.error());
    auto const found = gateway.groups().size();
    auto const key = pushgateway::model::grouping_key("backup");
    auto const pushed = gateway.push(key, pushgateway::push_mode::replace, "backup_bytes 4.2e9\n");
    if (!pushed) return std::unexpected(pushed.error());
    return found;
}

}  // namespace

int main() {
    auto const path = "/tmp/pushgateway_consumer_" + std::to_string(::getpid());
    auto const first = visit(path);
    auto const second = visit(path);
    for (auto const* suffix : {"", "-lock", "-wal", "-shm"}) ::unlink((path + suffix).c_str());
    if (!first || !second) {
        std::puts((first ? second : first).error().message.c_str());
        return 1;
    }
    return *first == 0 && *second == 1 ? 0 : 1;
}
