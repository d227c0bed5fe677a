#pragma once

/// \file
/// The log of the server, on standard error.

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <source_location>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/logger.hpp>
#include <pushgateway/server/log_line.hpp>

namespace pushgateway::server {

/// How lines look.
enum class log_format : std::uint8_t { logfmt, json };

/// A logger policy that writes lines through spdlog. Copies write to the same place; any thread may log.
class log_writer {
public:
    log_writer(log_level lowest, log_format format,
               spdlog::sink_ptr sink = std::make_shared<spdlog::sinks::stderr_sink_mt>())
        : lowest_(lowest), format_(format), logger_(std::make_shared<spdlog::logger>("pushgateway", std::move(sink))) {
        logger_->set_pattern("%v");
    }

    /// True if messages of this level are written.
    [[nodiscard]] bool enabled(log_level level) const noexcept { return level >= lowest_; }

    void operator()(log_level level, std::string_view message, std::initializer_list<log_field> fields = {},
                    std::source_location where = std::source_location::current()) const {
        log(level, message, std::span(fields.begin(), fields.size()), where);
    }

    void log(log_level level, std::string_view message, std::span<log_field const> fields,
             std::source_location where = std::source_location::current()) const {
        if (!enabled(level)) return;
        std::string_view file = where.file_name();
        file.remove_prefix(file.rfind('/') + 1);
        auto const caller = std::string(file) + ':' + std::to_string(where.line());
        log_record const record{system_clock::now(), level, caller, message, fields};
        auto const line = format_ == log_format::json ? json_line(record) : logfmt_line(record);
        logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
    }

private:
    log_level lowest_;
    log_format format_;
    std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace pushgateway::server
