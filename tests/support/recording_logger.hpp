#pragma once

/// \file
/// A logger policy that keeps what was logged.

#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/logger.hpp>

namespace pushgateway::test {

/// One message as it was logged.
struct log_entry {
    log_level level;
    std::string message;
    std::vector<std::pair<std::string, std::string>> fields;
};

/// Keeps every message; all copies share one list.
class recording_logger {
public:
    void log(log_level level, std::string_view message, std::span<log_field const> fields) {
        log_entry entry{level, std::string(message), {}};
        for (auto const& [name, value] : fields) entry.fields.emplace_back(name, value);
        std::scoped_lock const lock(list_->mutex);
        list_->entries.push_back(std::move(entry));
    }

    [[nodiscard]] std::vector<log_entry> entries() const {
        std::scoped_lock const lock(list_->mutex);
        return list_->entries;
    }

private:
    struct list {
        std::mutex mutex;
        std::vector<log_entry> entries;
    };
    std::shared_ptr<list> list_ = std::make_shared<list>();
};

static_assert(logger_policy<recording_logger>);

}  // namespace pushgateway::test
