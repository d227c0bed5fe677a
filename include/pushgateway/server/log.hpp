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
#include <unistd.h>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/logger.hpp>
#include <pushgateway/server/log_line.hpp>
#include <pushgateway/server/log_queue.hpp>

namespace pushgateway::server {

/// How lines look.
enum class log_format : std::uint8_t { logfmt, json };

/// A logger policy that writes lines through spdlog. Copies write to the same place; any thread may log.
class log_writer {
public:
    /// Writes to standard error, or another descriptor, by a thread of its own: nobody who logs waits. Lines that are
    /// too many are dropped, which a line says. The last copy waits a while for what is left to be written.
    log_writer(log_level lowest, log_format format, int descriptor = STDERR_FILENO) : lowest_(lowest), format_(format) {
        auto const queue = std::make_shared<log_queue>(
            descriptor, [format](std::uint64_t count) { return dropped_line(format, count); });
        logger_ = std::shared_ptr<spdlog::logger>(queue, &queue->logger());
    }

    /// Writes to `sink` at once.
    log_writer(log_level lowest, log_format format, spdlog::sink_ptr sink)
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
        auto const line = line_of(format_, {system_clock::now(), level, caller, message, fields});
        logger_->log(spdlog::level::info, spdlog::string_view_t(line.data(), line.size()));
    }

private:
    static std::string line_of(log_format format, log_record const& record) {
        return format == log_format::json ? json_line(record) : logfmt_line(record);
    }

    static std::string dropped_line(log_format format, std::uint64_t count) {
        auto const text = std::to_string(count);
        log_field const fields[] = {{"count", text}};
        return line_of(format, {system_clock::now(), log_level::warn, "log.hpp",
                                "log lines were dropped: standard error was not read in time", fields});
    }

    log_level lowest_;
    log_format format_;
    std::shared_ptr<spdlog::logger> logger_;
};

}  // namespace pushgateway::server
