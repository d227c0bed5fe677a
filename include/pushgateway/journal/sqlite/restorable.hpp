#pragma once

/// \file
/// Finds out before an import ends whether a server could begin with what it wrote.

#include <functional>
#include <string_view>
#include <utility>

#include <pushgateway/base/error.hpp>
#include <pushgateway/journal/sqlite/database.hpp>
#include <pushgateway/journal/sqlite/table_reader.hpp>
#include <pushgateway/store/store.hpp>

namespace pushgateway::journal::sqlite {

/// Reads all groups as they are in the transaction that is under way, each into a store of its own. Fails with
/// errc::unsupported and the reason if one of them cannot be restored, errc::unavailable if the file cannot be read,
/// or if `go_on`, asked at every group, ends it by false.
[[nodiscard]] inline result<> check_restorable(database const& db, std::function<bool()> const& go_on = {}) {
    auto reader = table_reader::prepare(db);
    if (!reader) return std::unexpected(std::move(reader.error()));
    store::basic_store<> scratch;
    auto const refused = [](error why) -> result<> {
        if (why.code != errc::unavailable) why.code = errc::unsupported;
        return std::unexpected(std::move(why));
    };
    for (;;) {
        if (go_on && !go_on()) return fail(errc::unavailable, "the examination of what is imported was ended");
        auto const there = reader->next();
        if (!there) return refused(there.error());
        if (!*there) return {};
        auto const restored = scratch.restore(reader->key(), reader->header(), *reader,
                                              [&](std::string_view) { return reader->pushed_at(); });
        if (!restored) return refused(restored.error());
        scratch.forget();
    }
}

}  // namespace pushgateway::journal::sqlite
