#pragma once

/// \file
/// What `--persistence.file` does: groups come back while the server answers already, and are kept from then on.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <unistd.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/journal/sqlite/persistence_file.hpp>
#include <pushgateway/journal/sqlite/upstream_import.hpp>
#include <pushgateway/server/log.hpp>
#include <pushgateway/server/restore_bar.hpp>
#include <pushgateway/server/settings.hpp>

namespace pushgateway::server {

/// How the settings want the file.
[[nodiscard]] inline journal::sqlite::file_options file_options_of(settings const& s, log_writer const& log) {
    journal::sqlite::file_options out;
    out.path = s.persistence_file;
    out.warn = [log](std::string_view what) { log(log_level::warn, what); };
    out.interval = std::chrono::duration_cast<std::chrono::milliseconds>(s.persistence_interval);
    switch (s.persistence_sync) {
        case persistence_sync::always: out.sync = journal::sqlite::sync_mode::always; break;
        case persistence_sync::interval: out.sync = journal::sqlite::sync_mode::interval; break;
        case persistence_sync::off: out.sync = journal::sqlite::sync_mode::off; break;
    }
    return out;
}

/// The persistence file of a server, and the thread that reads it.
class persistence {
public:
    using journal_type = journal::sqlite::sqlite_journal;

    /// Takes the file, so that no other process does. Fails with errc::unavailable if one has it already, or if the
    /// system refuses.
    static result<std::unique_ptr<persistence>> claim(settings const& s, log_writer log) {
        // Statistics that nobody asks for, with a lock around every allocation. It fails where SQLite is in use
        // already.
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        auto file = journal::sqlite::persistence_file::claim(file_options_of(s, log));
        if (!file) return std::unexpected(std::move(file.error()));
        return std::unique_ptr<persistence>(
            new persistence(*std::move(file), s.persistence_on_corruption, std::move(log)));
    }

    /// For the gateway: closed until all is restored.
    [[nodiscard]] journal_type const& journal() const noexcept { return journal_; }

    /// Restores all groups into `gateway` on a thread of its own, then opens the journal. If that cannot be, `give_up`
    /// is called, and `failed` is true.
    template <class Gateway>
    void begin(Gateway& gateway, std::function<void()> give_up) {
        reader_ = std::thread([this, &gateway, leave = std::move(give_up)] {
            auto const done = run_safely(gateway);
            if (done) return;
            bool const ended = stopping_ && done.error().code == errc::unavailable;
            failed_ = !ended;
            try {
                if (ended)
                    return log_(log_level::info, "the groups were not restored", {{"err", done.error().message}});
                log_(log_level::error, "cannot use the persistence file", {{"err", done.error().message}});
            } catch (std::exception const&) {
                // Without memory there is no line; the status tells.
            }
            leave();
        });
    }

    /// Ends a restoration that is under way. Before the gateway ends.
    void end() {
        stopping_ = true;
        if (reader_.joinable()) reader_.join();
    }

    [[nodiscard]] bool failed() const noexcept { return failed_; }

    ~persistence() { end(); }

private:
    persistence(journal::sqlite::persistence_file file, on_corruption damaged, log_writer log)
        : file_(std::move(file)), damaged_(damaged), log_(std::move(log)) {
        journal_.explain("the stored groups are about to be restored");
        journal_.on_change([out = log_](result<> const& works) {
            if (works) {
                out(log_level::info, "changes are being kept");
            } else {
                out(log_level::error, "changes cannot be kept", {{"err", works.error().message}});
            }
        });
    }

    template <class Gateway>
    result<> run_safely(Gateway& gateway) {
        try {
            return run(gateway);
        } catch (std::exception const& e) {
            return fail(errc::unavailable, file_.path() + ": " + e.what());
        }
    }

    template <class Gateway>
    result<> run(Gateway& gateway) {
        auto const begin = std::chrono::steady_clock::now();
        std::uint64_t groups = 0;
        auto restored = restore(gateway, groups);
        if (!restored && restored.error().code == errc::corrupt && damaged_ == on_corruption::quarantine) {
            gateway.forget();
            groups = 0;
            auto const aside = file_.quarantine();
            if (!aside) return std::unexpected(aside.error());
            log_(log_level::error, "the persistence file is damaged and was put aside; beginning with nothing",
                 {{"err", restored.error().message}, {"kept_as", *aside}});
            restored = file_.open();
        }
        if (!restored) return restored;
        auto keeper = file_.make_keeper();
        if (!keeper) return std::unexpected(std::move(keeper.error()));
        auto const took =
            std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
        log_(log_level::info, "persisted groups restored",
             {{"file", file_.path()},
              {"groups", std::to_string(groups)},
              {"duration", std::to_string(took.count()) + "ms"}});
        return journal_.open(*std::move(keeper));
    }

    template <class Gateway>
    result<> restore(Gateway& gateway, std::uint64_t& groups) {
        journal_.explain("the persistence file is being examined");
        log_(log_level::info, "examining the persistence file", {{"file", file_.path()}});
        auto const go_on = [this] { return !stopping_; };
        auto const imported = journal::sqlite::import_upstream_file(file_.path(), go_on);
        if (!imported) return std::unexpected(imported.error());
        if (*imported) {
            log_(log_level::info, "took over the file of a Prometheus Pushgateway",
                 {{"groups", std::to_string((*imported)->groups)},
                  {"families", std::to_string((*imported)->families)},
                  {"metrics", std::to_string((*imported)->metrics)},
                  {"kept_as", (*imported)->original}});
            for (auto const& what : (*imported)->left_out) {
                log_(log_level::warn, "left out of the file of a Prometheus Pushgateway", {{"what", what}});
            }
        }
        if (auto opened = file_.open(); !opened) return opened;
        if (auto fine = file_.examine(go_on); !fine) return fine;
        restore_bar bar(log_);
        auto const tell = [&](journal::sqlite::restore_progress const& now) {
            groups = now.groups;
            if (now.groups % explained_groups == 0) {
                journal_.explain("the stored groups are being restored: " + std::to_string(now.groups) + " of " +
                                 std::to_string(now.all_groups));
                bar.show(now.groups, now.all_groups);
            }
            return !stopping_;
        };
        // Reading a group costs half of what adding it does, and only one is added at a time: more would wait.
        return file_.restore(gateway, tell, 2);
    }

    static constexpr std::uint64_t explained_groups = 64;

    journal::sqlite::persistence_file file_;
    on_corruption damaged_;
    log_writer log_;
    journal_type journal_;
    std::atomic<bool> stopping_{false};
    std::atomic<bool> failed_{false};
    std::thread reader_;
};

/// Ends a restoration before what it uses.
class restoration {
public:
    explicit restoration(persistence* of) noexcept : of_(of) {}
    restoration(restoration const&) = delete;
    restoration& operator=(restoration const&) = delete;
    ~restoration() {
        if (of_ != nullptr) of_->end();
    }

private:
    persistence* of_;
};

}  // namespace pushgateway::server
