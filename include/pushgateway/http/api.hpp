#pragma once

/// \file
/// The JSON API below /api/v1/.

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/gateway/build_info.hpp>
#include <pushgateway/http/json.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/native_json.hpp>
#include <pushgateway/http/rfc3339.hpp>
#include <pushgateway/http/scrape.hpp>

namespace pushgateway::http {

/// Adds the fields that let any web page read the answer, and nobody keep it.
[[nodiscard]] inline response with_cors(response out) {
    out.set("Access-Control-Allow-Headers", "Accept, Authorization, Content-Type, Origin");
    out.set("Access-Control-Allow-Methods", "GET, POST, DELETE, OPTIONS");
    out.set("Access-Control-Allow-Origin", "*");
    out.set("Access-Control-Expose-Headers", "Date");
    out.set("Cache-Control", "no-cache, no-store, must-revalidate");
    return out;
}

/// All groups with their metrics as JSON, a part of a family at a time. `Groups` is a `store::group_snapshot`, or what
/// has its members. For one thread at a time.
template <class Groups>
class groups_json {
public:
    explicit groups_json(Groups groups) : groups_(std::move(groups)) {}

    /// Replaces `out` by the next piece; false when there is none left.
    bool next(std::string& out) {
        out.clear();
        if (ended_) return false;
        if (!begun_) out += R"({"status":"success","data":[)";
        begun_ = true;
        while (out.size() < piece_size && group_ != groups_.size()) append_part(out);
        if (group_ == groups_.size()) {
            out += "]}";
            ended_ = true;
        }
        return true;
    }

private:
    static constexpr std::size_t piece_size = 32 * 1024;

    // The families of a group stand beside two keys of the group itself, all sorted; a family of such a name wins.
    void append_part(std::string& out) {
        if (part_ != 0 || metric_ != 0) return append_metrics(out);
        auto const group = groups_[group_];
        if (families_.empty()) families_ = group.families();
        bool const left = family_ != families_.size();
        for (; own_key_ != own_keys.size(); ++own_key_) {
            auto const key = own_keys[own_key_];
            if (left && families_[family_].name() < key) break;
            if (left && families_[family_].name() == key) continue;
            begin_member(out, key);
            if (key == "labels") {
                append_json(out, detail::json_of(group.key()));
            } else {
                out += group.last_push_successful() ? "true" : "false";
            }
        }
        if (!left) {
            out += '}';
            ++group_;
            family_ = 0;
            families_.clear();
            own_key_ = 0;
            first_member_ = true;
            return;
        }
        auto const& family = families_[family_];
        begin_member(out, family.name());
        out += R"({"time_stamp":)";
        append_json(out, std::string_view(rfc3339(family.pushed_at())));
        out += R"(,"type":)";
        append_json(out, model::upper_case_name(family.type()));
        if (auto const help = family.help(); help && !help->empty()) {
            out += R"(,"help":)";
            append_json(out, *help);
        }
        if (!family.unit().empty()) {
            out += R"(,"unit":)";
            append_json(out, family.unit());
        }
        out += R"(,"metrics":[)";
        append_metrics(out);
    }

    // Writes what is left of the part that is next, as far as it fits, and closes the family after the last one.
    void append_metrics(std::string& out) {
        if (cells_) {
            if (cells_->next(out, piece_size)) return;
            out += behind_cells_;
            cells_.reset();
        }
        auto const& family = families_[family_];
        std::size_t number = 0;
        bool more = false;
        family.for_each_metric_of(part_, [&](model::metric const& metric) {
            auto const at = number++;
            if (at < metric_ || more) return;
            if (cells_ || (metric_ != 0 && out.size() >= piece_size)) {
                more = true;
                return;
            }
            if (part_ != 0 || at != 0) out += ',';
            append_metric(out, family.type(), metric);
            metric_ = at + 1;
        });
        if (more || cells_) return;
        metric_ = 0;
        if (++part_ != family.parts()) return;
        part_ = 0;
        ++family_;
        out += "]}";
    }

    // The cells of a native histogram, of which there may be very many, are left to `cells_` if they do not fit.
    void append_metric(std::string& out, model::metric_type type, model::metric const& metric) {
        auto cells = detail::native_of(type, metric);
        if (!cells) return append_json(out, json_of(type, metric));
        std::string text;
        append_json(text, json_of(type, metric));
        constexpr std::string_view front = R"({"buckets":[)";
        out += front;
        if (cells->next(out, piece_size)) {
            cells_ = cells;
            behind_cells_ = text.substr(front.size());
        } else {
            out += text.substr(front.size());
        }
    }

    void begin_member(std::string& out, std::string_view key) {
        if (first_member_ && group_ != 0) out += ',';
        out += std::exchange(first_member_, false) ? '{' : ',';
        append_json(out, key);
        out += ':';
    }

    static constexpr std::array<std::string_view, 2> own_keys{"labels", "last_push_successful"};

    Groups groups_;
    decltype(std::declval<Groups const&>()[0].families()) families_;  // of the group at group_
    std::size_t group_ = 0;
    std::size_t family_ = 0;
    std::size_t part_ = 0;    // of the family at family_
    std::size_t metric_ = 0;  // of that part; if both are 0, the beginning of the family is not written
    std::optional<detail::native_json> cells_;  // what is left of the metric before that
    std::string behind_cells_;
    std::size_t own_key_ = 0;
    bool begun_ = false;
    bool ended_ = false;
    bool first_member_ = true;
};

/// The answer to GET /api/v1/metrics.
template <class Groups>
[[nodiscard]] response api_metrics_answer(Groups groups) {
    auto out = with_cors({});
    out.set("Content-Type", "application/json");
    out.stream = std::make_unique<pieces_body<groups_json<Groups>>>(groups_json<Groups>(std::move(groups)));
    return out;
}

/// The answer to GET /api/v1/status.
[[nodiscard]] inline response api_status_answer(std::map<std::string, std::string> const& flags,
                                                build_info const& build, timestamp start_time) {
    std::map<std::string, std::string> const build_texts{
        {"branch", build.branch},       {"buildDate", build.build_date}, {"buildUser", build.build_user},
        {"goVersion", build.goversion}, {"revision", build.revision},    {"version", build.version}};
    boost::json::object data;
    data.emplace("build_information", detail::json_of(build_texts));
    data.emplace("flags", detail::json_of(flags));
    data.emplace("start_time", rfc3339(start_time));
    boost::json::object all;
    all.emplace("status", "success");
    all.emplace("data", std::move(data));
    auto out = with_cors({});
    out.set("Content-Type", "application/json");
    append_json(out.body, all);
    return out;
}

}  // namespace pushgateway::http
