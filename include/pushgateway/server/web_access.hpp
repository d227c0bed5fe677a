#pragma once

/// \file
/// Everything that the web configuration file asks for, except TLS: who may come in, how fast, and the fields of the
/// responses.

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/duration.hpp>
#include <pushgateway/base/error.hpp>
#include <pushgateway/base/logger.hpp>
#include <pushgateway/base/throttle.hpp>
#include <pushgateway/http/auth/access_gate.hpp>
#include <pushgateway/http/auth/bcrypt.hpp>
#include <pushgateway/http/auth/rate_limiter.hpp>
#include <pushgateway/http/auth/rules.hpp>
#include <pushgateway/http/gate.hpp>
#include <pushgateway/http/tls/settings.hpp>
#include <pushgateway/server/web_config.hpp>
#include <pushgateway/server/web_config_file.hpp>

namespace pushgateway::server {

namespace detail {

/// The rules in a web configuration file. What asked for credentials at the start never stops to: a file that is being
/// written may be empty for a moment, which means that everything is open.
class file_rules final : public http::rules_source {
public:
    /// `closed`: whether it asked for credentials at the start. `opened` is told, once a minute at most, that it does
    /// not any more.
    file_rules(std::shared_ptr<web_config_file> file, bool closed, std::function<void()> opened)
        : file_(std::move(file)), closed_(closed), opened_(std::move(opened)) {}

    [[nodiscard]] std::shared_ptr<http::access_rules const> current() override {
        auto const config = file_->current();
        if (!config) return nullptr;
        if (closed_ && (*config)->rules.open()) {
            if (told_.admit()) opened_();
            return nullptr;
        }
        return {*config, &(*config)->rules};
    }

private:
    std::shared_ptr<web_config_file> file_;
    bool closed_;
    std::function<void()> opened_;
    throttle told_{1, std::chrono::minutes(1)};
};

}  // namespace detail

/// The web configuration file, and a gate that follows it. Any thread may call any function.
class web_access {
public:
    /// Reads the file, which must be there and right; `paths` are those of the router, `exempt` tells the requests that
    /// need no credentials whatever the file says. What is logged from then on: why
    /// the file is refused (error), that it was read anew (info), and who was refused (debug). Fails with the path, the
    /// place and the reason.
    template <logger_policy Logger>
    [[nodiscard]] static result<web_access> open(std::string const& file, http::known_paths paths, Logger logger,
                                                 std::function<bool(http::request const&)> exempt = {}) {
        web_access out;
        auto log = std::make_shared<Logger>(std::move(logger));
        auto started = std::make_shared<bool>(false);
        web_config_events events;
        // At the start there is a caller who tells of it.
        events.failed = [log, started](error const& why) {
            log_field const fields[] = {{"err", why.message}};
            if (*started) log->log(log_level::error, "Unable to parse configuration", fields);
        };
        events.changed = [log, started, path = file] {
            log_field const fields[] = {{"file", path}};
            if (*started) log->log(log_level::info, "read the web configuration anew", fields);
        };
        out.file_ = std::make_shared<web_config_file>(file, std::move(events));
        auto first = out.file_->current();
        if (!first) return std::unexpected(std::move(first.error()));
        out.at_start_ = *std::move(first);
        *started = true;

        http::access_gate_options gate;
        gate.paths = std::move(paths);
        gate.exempt = std::move(exempt);
        if (auto const& limit = out.at_start_->rate_limit; limit.interval.count() != 0) {
            gate.limiter = std::make_shared<http::rate_limiter>(limit.interval, limit.burst);
            auto const burst = std::to_string(limit.burst);
            auto const interval = duration_text(limit.interval);
            log_field const fields[] = {{"burst", burst}, {"interval", interval}};
            log->log(log_level::info, "Rate Limiter is enabled.", fields);
        }
        gate.on_refusal = [log](http::request const& head, http::response const& answer, std::string_view who) {
            log_refusal(*log, head, answer, who);
        };
        auto rules = std::make_shared<detail::file_rules>(out.file_, !out.at_start_->rules.open(), [log] {
            log->log(log_level::error, "the web configuration asks for no credentials any more: requests are refused",
                     std::span<log_field const>());
        });
        out.gate_ = std::make_shared<http::access_gate>(std::move(rules), http::bcrypt_matches, std::move(gate));
        return out;
    }

    /// For `http::server_options::gate`. Lives as long as somebody holds it.
    [[nodiscard]] std::shared_ptr<http::access_gate> gate() const noexcept { return gate_; }

    /// What the file said when it was first read: whether TLS is on, and the rate limit, are decided by that.
    [[nodiscard]] web_config const& at_start() const noexcept { return *at_start_; }

    /// What the file says now.
    [[nodiscard]] std::shared_ptr<web_config_file> const& file() const noexcept { return file_; }

    /// Gives the settings of TLS as the file has them now, for a transport that renews them. Fails as the file does,
    /// and if TLS is no longer in it.
    [[nodiscard]] std::function<result<std::shared_ptr<http::tls_settings const>>()> tls_settings() const {
        return [file = file_]() -> result<std::shared_ptr<http::tls_settings const>> {
            auto config = file->current();
            if (!config) return std::unexpected(std::move(config.error()));
            auto const& tls = (*config)->tls;
            if (!tls) return fail(errc::unavailable, file->path() + ": TLS config is not present");
            return std::shared_ptr<http::tls_settings const>(*config, &*tls);
        };
    }

    /// Reads the file again even if it seems unchanged.
    result<> reload() const { return file_->reload(); }

private:
    web_access() = default;

    template <class Logger>
    static void log_refusal(Logger& log, http::request const& head, http::response const& answer,
                            std::string_view who) {
        if constexpr (requires { log.enabled(log_level::debug); }) {
            if (!log.enabled(log_level::debug)) return;
        }
        static constexpr std::size_t shown = 200;
        auto const code = std::to_string(answer.status);
        auto const why = std::string_view(answer.body).substr(0, answer.body.find('\n'));
        log_field const fields[] = {{"method", head.method},
                                    {"target", std::string_view(head.target).substr(0, shown)},
                                    {"code", code},
                                    {"source", head.remote},
                                    {"user", who.substr(0, shown)},
                                    {"err", why}};
        log.log(log_level::debug, "access denied", fields);
    }

    std::shared_ptr<web_config_file> file_;
    std::shared_ptr<web_config const> at_start_;
    std::shared_ptr<http::access_gate> gate_;
};

}  // namespace pushgateway::server
