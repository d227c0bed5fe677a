#pragma once

/// \file
/// The web configuration file as a thing that changes while the server runs.

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pushgateway/base/error.hpp>
#include <pushgateway/http/file_stamp.hpp>
#include <pushgateway/server/web_config.hpp>

namespace pushgateway::server {

namespace detail {

/// The whole file, but no more than one byte above `most`. Waits for nobody: what is no file is refused.
[[nodiscard]] inline result<std::string> read_file(std::string const& path, std::size_t most) {
    auto const failed = [&path](char const* what, int number) {
        return fail(errc::unavailable, std::string(what) + ' ' + path + ": " + std::generic_category().message(number));
    };
    struct descriptor {
        int fd;
        ~descriptor() {
            if (fd >= 0) ::close(fd);
        }
    } const file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (file.fd < 0) return failed("open", errno);
    struct stat info{};
    if (::fstat(file.fd, &info) != 0) return failed("stat", errno);
    if (!S_ISREG(info.st_mode)) return fail(errc::unavailable, "open " + path + ": it is no regular file");
    std::string text;
    std::array<char, 16 * 1024> buffer;
    while (text.size() <= most) {
        auto const size = ::read(file.fd, buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return failed("read", errno);
        if (size == 0) break;
        text.append(buffer.data(), static_cast<std::size_t>(size));
    }
    return text;
}

}  // namespace detail

/// What is done about the states of a web configuration file. Called from the threads that ask for the configuration,
/// one at a time; must not call the file.
struct web_config_events {
    /// The file is missing or wrong: told when that is found, when the reason changes, and each minute as long as
    /// somebody asks.
    std::function<void(error const&)> failed;
    /// Another configuration than before holds.
    std::function<void()> changed;
    /// The time, for the minutes.
    std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
};

/// The configuration in a file. It is read when the file has changed, whoever asks first then; otherwise asking takes
/// about a microsecond. A file that is missing or wrong is an error, and nothing that held before holds any more. Any
/// thread may use it.
class web_config_file {
public:
    using value = result<std::shared_ptr<web_config const>>;

    /// Does not read the file yet.
    explicit web_config_file(std::string path, web_config_events events = {})
        : path_(std::move(path)),
          directory_(std::filesystem::path(path_).parent_path().string()),
          events_(std::move(events)) {}

    /// The configuration as it stands in the file now. Fails with errc::unavailable if it cannot be read, otherwise as
    /// `parse_web_config` does; the message begins with the path.
    [[nodiscard]] value current() {
        auto const stamp = http::file_stamp::of(path_);
        std::lock_guard const guard(mutex_);
        if (stamp != stamp_ || !settled_) {
            read(stamp);
        } else if (!value_) {
            tell(value_.error());
        }
        return value_;
    }

    /// Reads the file even if it seems not to have changed.
    result<> reload() {
        auto const stamp = http::file_stamp::of(path_);
        std::lock_guard const guard(mutex_);
        read(stamp);
        if (!value_) return std::unexpected(value_.error());
        return {};
    }

    [[nodiscard]] std::string const& path() const noexcept { return path_; }

    /// How often a text was parsed.
    [[nodiscard]] std::uint64_t times_parsed() const {
        std::lock_guard const guard(mutex_);
        return times_parsed_;
    }

private:
    static constexpr std::chrono::minutes between_complaints{1};
    static constexpr std::chrono::milliseconds grain{100};

    void read(http::file_stamp const& stamp) {
        auto text = detail::read_file(path_, yaml_limits{}.size);
        if (!text) {
            // May be no fault of the file, such as want of descriptors: tried again the next time.
            settled_ = false;
            text_.clear();
            fail_with(std::move(text.error()));
            return;
        }
        if (!value_ || *text != text_) parse(*std::move(text));
        stamp_ = stamp;
        // A file that is written twice within a tick of the file system's clock has one stamp.
        settled_ = !recent(stamp);
    }

    void parse(std::string text) {
        auto parsed = parse_web_config(text, directory_);
        ++times_parsed_;
        text_ = std::move(text);
        if (!parsed) {
            parsed.error().message = path_ + ": " + parsed.error().message;
            fail_with(std::move(parsed.error()));
            return;
        }
        value_ = std::make_shared<web_config const>(*std::move(parsed));
        told_.clear();
        if (events_.changed) events_.changed();
    }

    void fail_with(error why) {
        value_ = std::unexpected(std::move(why));
        tell(value_.error());
    }

    void tell(error const& why) {
        if (!events_.failed) return;
        auto const now = events_.now();
        if (why.message == told_ && now - told_at_ < between_complaints) return;
        told_ = why.message;
        told_at_ = now;
        events_.failed(why);
    }

    static bool recent(http::file_stamp const& stamp) noexcept {
        auto const now =
            std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch());
        return std::chrono::abs(now - std::chrono::nanoseconds(stamp.changed)) < grain;
    }

    std::string const path_;
    std::string const directory_;
    web_config_events const events_;
    mutable std::mutex mutex_;
    http::file_stamp stamp_;
    bool settled_ = false;
    std::string text_;
    value value_ = fail(errc::unavailable, "the file was not read yet");
    std::string told_;
    std::chrono::steady_clock::time_point told_at_;
    std::uint64_t times_parsed_ = 0;
};

}  // namespace pushgateway::server
