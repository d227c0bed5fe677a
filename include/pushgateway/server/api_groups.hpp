#pragma once

/// \file
/// From the JSON of a gateway's `/api/v1/metrics` back to groups.

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/error.hpp>
#include <pushgateway/base/number.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::server {

/// Reads a time as RFC 3339 writes it; nothing if it is none.
[[nodiscard]] inline std::optional<timestamp> read_rfc3339(std::string_view text) {
    auto const number = [&text](std::size_t digits, std::string_view after) -> std::optional<int> {
        int value = 0;
        if (text.size() < digits + after.size() || text.substr(digits, after.size()) != after) return std::nullopt;
        auto const [end, ec] = std::from_chars(text.data(), text.data() + digits, value);
        if (ec != std::errc{} || end != text.data() + digits) return std::nullopt;
        text.remove_prefix(digits + after.size());
        return value;
    };
    auto const year = number(4, "-");
    auto const month = year ? number(2, "-") : std::nullopt;
    auto const day = month ? number(2, "T") : std::nullopt;
    auto const hour = day ? number(2, ":") : std::nullopt;
    auto const minute = hour ? number(2, ":") : std::nullopt;
    auto const second = minute ? number(2, "") : std::nullopt;
    if (!second || *year < 1700 || *year > 2250) return std::nullopt;
    std::int64_t nanoseconds = 0;
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        std::int64_t unit = 100'000'000;
        for (; !text.empty() && text.front() >= '0' && text.front() <= '9'; text.remove_prefix(1), unit /= 10) {
            nanoseconds += unit * (text.front() - '0');
        }
    }
    std::chrono::minutes offset{0};
    if (text != "Z") {
        if (text.size() != 6 || (text.front() != '+' && text.front() != '-')) return std::nullopt;
        bool const east = text.front() == '+';
        text.remove_prefix(1);
        auto const hours = number(2, ":");
        auto const minutes = hours ? number(2, "") : std::nullopt;
        if (!minutes) return std::nullopt;
        offset = std::chrono::hours(*hours) + std::chrono::minutes(*minutes);
        if (!east) offset = -offset;
    }
    std::chrono::year_month_day const date(std::chrono::year(*year), std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok()) return std::nullopt;
    return timestamp(std::chrono::sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           std::chrono::seconds(*second) + std::chrono::nanoseconds(nanoseconds) - offset;
}

/// Reads groups one by one. What it gives refers to the document and to the reader.
class api_groups {
public:
    /// Hands every group to `importer`: `begin(key)`, `add(family, time)` for each family, `end()`. Fails with
    /// errc::unsupported for what is not such a document, or as `end` does.
    template <class Importer>
    result<> read(std::string_view document, Importer& importer) {
        boost::json::error_code ec;
        auto const all = boost::json::parse(boost::json::string_view(document.data(), document.size()), ec);
        if (ec) return fail(errc::unsupported, "the answer is not JSON: " + ec.message());
        auto const* root = all.if_object();
        auto const* data = root != nullptr ? root->if_contains("data") : nullptr;
        auto const* groups = data != nullptr ? data->if_array() : nullptr;
        if (groups == nullptr) return fail(errc::unsupported, "the answer has no groups");
        for (auto const& group : *groups) {
            auto const* members = group.if_object();
            if (members == nullptr) return misses("a group that is no object");
            auto key = key_of(*members);
            if (!key) return misses("a group without a job");
            importer.begin(*std::move(key));
            for (auto const& [name, member] : *members) {
                if (name == "labels" || !member.is_object()) continue;
                if (auto done = read_family(name, member.get_object(), importer); !done) return done;
            }
            if (auto done = importer.end(); !done) return done;
        }
        return {};
    }

private:
    using object = boost::json::object;

    static std::unexpected<error> misses(std::string_view what) {
        return fail(errc::unsupported, "the answer has " + std::string(what));
    }

    static std::optional<std::string_view> text_of(object const& in, std::string_view name) {
        auto const* value = in.if_contains(boost::json::string_view(name.data(), name.size()));
        if (value == nullptr || !value->is_string()) return std::nullopt;
        return std::string_view(value->get_string().data(), value->get_string().size());
    }
    static bool number_of(object const& in, std::string_view name, double& out) {
        auto const text = text_of(in, name);
        return text && parse_float(*text, out);
    }

    static std::optional<model::grouping_key> key_of(object const& group) {
        auto const* labels = group.if_contains("labels");
        if (labels == nullptr || !labels->is_object()) return std::nullopt;
        model::grouping_key key("");
        for (auto const& [name, value] : labels->get_object()) {
            if (!value.is_string()) return std::nullopt;
            key.set({name.data(), name.size()}, {value.get_string().data(), value.get_string().size()});
        }
        if (key.job().empty()) return std::nullopt;
        return key;
    }

    template <class Importer>
    result<> read_family(std::string_view name, object const& in, Importer& importer) {
        labels_.clear();
        quantiles_.clear();
        buckets_.clear();
        float_buckets_.clear();
        metrics_.clear();
        model::metric_family family;
        family.name = name;
        family.help = text_of(in, "help");
        family.unit = text_of(in, "unit").value_or("");
        auto const type = text_of(in, "type").value_or("UNTYPED");
        for (auto const& known : model::all_type_names) {
            if (type == known.upper_case && known.kind == model::gauge_kind::plain) family.type = known.type;
        }
        auto const time = text_of(in, "time_stamp").value_or("");
        // Go's way of saying never.
        auto const at = time.starts_with("0001-") ? std::optional(timestamp{}) : read_rfc3339(time);
        auto const* metrics = in.if_contains("metrics");
        if (!at || metrics == nullptr || !metrics->is_array()) return misses("a family without time or metrics");
        for (auto const& metric : metrics->get_array()) {
            if (!metric.is_object() || !read_metric(metric.get_object(), family.type)) {
                return misses("a metric of family " + std::string(name) + " that does not fit its type");
            }
        }
        family.metrics = metrics_;
        importer.add(family, *at);
        return {};
    }

    bool read_metric(object const& in, model::metric_type type) {
        auto& labels = labels_.emplace_back();
        if (auto const* all = in.if_contains("labels"); all != nullptr && all->is_object()) {
            for (auto const& [name, value] : all->get_object()) {
                if (!value.is_string()) return false;
                labels.push_back({{name.data(), name.size()}, {value.get_string().data(), value.get_string().size()}});
            }
        }
        auto const value = read_value(in, type);
        if (!value) return false;
        metrics_.push_back({labels, *value, {}});
        return true;
    }

    std::optional<model::metric_value> read_value(object const& in, model::metric_type type) {
        double number = 0;
        switch (type) {
            case model::metric_type::counter:
            case model::metric_type::gauge:
            case model::metric_type::untyped:
                if (!number_of(in, "value", number)) return std::nullopt;
                if (type == model::metric_type::counter) return model::counter{number};
                if (type == model::metric_type::gauge) return model::gauge{number};
                return model::untyped{number};
            case model::metric_type::summary: {
                double count = 0;
                double sum = 0;
                points_.clear();
                if (!number_of(in, "count", count) || !number_of(in, "sum", sum) || !read_points(in, "quantiles")) {
                    return std::nullopt;
                }
                auto& quantiles = quantiles_.emplace_back();
                for (auto const& [rank, at] : points_) quantiles.push_back({rank, at});
                return model::summary{to_unsigned(count), sum, quantiles};
            }
            case model::metric_type::histogram:
            case model::metric_type::gauge_histogram: return read_histogram(in);
        }
        return std::nullopt;
    }

    std::optional<model::metric_value> read_histogram(object const& in) {
        double count = 0;
        double sum = 0;
        points_.clear();
        if (!number_of(in, "count", count) || !number_of(in, "sum", sum) || !read_points(in, "buckets")) {
            return std::nullopt;
        }
        auto const whole = [](double n) { return n >= 0 && n < 18e18 && n == static_cast<double>(to_unsigned(n)); };
        bool const all_whole =
            whole(count) && std::ranges::all_of(points_, [&](auto const& p) { return whole(p.second); });
        if (all_whole) {
            auto& buckets = buckets_.emplace_back();
            for (auto const& [bound, n] : points_) buckets.push_back({bound, to_unsigned(n)});
            return model::histogram{to_unsigned(count), sum, buckets};
        }
        auto& buckets = float_buckets_.emplace_back();
        for (auto const& [bound, n] : points_) buckets.push_back({bound, n});
        return model::float_histogram{count, sum, buckets};
    }

    /// Points in the order of their ranks or bounds, which the document does not keep.
    bool read_points(object const& in, std::string_view name) {
        auto const* all = in.if_contains(boost::json::string_view(name.data(), name.size()));
        if (all == nullptr || all->is_null()) return true;
        if (!all->is_object()) return false;
        for (auto const& [point, value] : all->get_object()) {
            double x = 0;
            double y = 0;
            bool const read = value.is_string() && parse_float({point.data(), point.size()}, x) &&
                              parse_float({value.get_string().data(), value.get_string().size()}, y);
            if (!read) return false;
            points_.emplace_back(x, y);
        }
        std::ranges::sort(points_);
        return true;
    }

    std::deque<std::vector<model::label>> labels_;
    std::deque<std::vector<model::quantile>> quantiles_;
    std::deque<std::vector<model::bucket>> buckets_;
    std::deque<std::vector<model::float_bucket>> float_buckets_;
    std::vector<std::pair<double, double>> points_;
    std::vector<model::metric> metrics_;
};

}  // namespace pushgateway::server
