#pragma once

/// \file
/// The context that new connections use: made anew when the settings or the files behind them have changed.

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <pushgateway/base/error.hpp>
#include <pushgateway/http/file_stamp.hpp>
#include <pushgateway/http/tls/context.hpp>
#include <pushgateway/http/tls/settings.hpp>

namespace pushgateway::http::detail {

/// Gives the context to use now. Safe to use from several threads.
///
/// As long as nothing changes this asks the file system for the stamps of three files and reads none. What is broken is
/// not covered up by what was there before: then there is no context until it is repaired.
class tls_context_cache {
public:
    using source = std::function<result<std::shared_ptr<tls_settings const>>()>;
    using context = result<std::shared_ptr<tls_context const>>;
    using steady = std::chrono::steady_clock;

    /// The keys of session tickets belong to a context: it is renewed after this time even if nothing changes.
    static constexpr std::chrono::hours longest_use{24};
    /// A failure may be a passing one, like want of file descriptors: tried again after this time.
    static constexpr std::chrono::seconds failure_lasts{1};

    explicit tls_context_cache(source settings) : source_(std::move(settings)) {}

    /// Fails as `tls_context::make` and the source of the settings do. `now` is for tests.
    context current(steady::time_point now = steady::now()) {
        std::lock_guard const guard(mutex_);
        auto settings = source_();
        if (!settings) {
            settings_.reset();
            return std::unexpected(std::move(settings.error()));
        }
        if (is_made_of(**settings) && now < good_until_) return context_;
        make(*std::move(settings), now);
        return context_;
    }

private:
    using stamps = std::array<file_stamp, 3>;

    [[nodiscard]] static stamps stamps_of(tls_settings const& settings) noexcept {
        auto const of = [](std::string const& path) { return path.empty() ? file_stamp{} : file_stamp::of(path); };
        return {of(settings.certificate_file), of(settings.key_file), of(settings.client_ca_file)};
    }

    [[nodiscard]] bool is_made_of(tls_settings const& settings) const noexcept {
        return settings_ && (settings_.get() == &settings || *settings_ == settings) && stamps_of(settings) == stamps_;
    }

    void make(std::shared_ptr<tls_settings const> settings, steady::time_point now) {
        settings_.reset();
        stamps_ = stamps_of(*settings);
        context_ = tls_context::make(*settings);
        good_until_ = now + (context_ ? steady::duration(longest_use) : steady::duration(failure_lasts));
        if (is_fresh(stamps_)) good_until_ = now;
        settings_ = std::move(settings);
    }

    /// True if a file was written so recently that the next change might get the same stamp: file systems take the time
    /// from a clock that ticks every few milliseconds.
    [[nodiscard]] static bool is_fresh(stamps const& all) noexcept {
        constexpr std::int64_t tick = 100'000'000;
        auto const now =
            std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
                .count();
        return std::ranges::any_of(
            all, [&](file_stamp const& s) { return s.exists && s.changed > now - tick && s.changed < now + tick; });
    }

    std::mutex mutex_;
    source source_;
    std::shared_ptr<tls_settings const> settings_;
    stamps stamps_{};
    steady::time_point good_until_{};
    context context_;
};

}  // namespace pushgateway::http::detail
