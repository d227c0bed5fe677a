#pragma once

/// \file
/// The page for people: what is stored, in plain HTML.

#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/percent.hpp>
#include <pushgateway/format/text/metric_type_name.hpp>
#include <pushgateway/format/text/write.hpp>
#include <pushgateway/gateway/build_info.hpp>
#include <pushgateway/http/html.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/rfc3339.hpp>
#include <pushgateway/http/scrape.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::http {

/// The page, piece by piece: a group at a time. `Groups` is a `store::group_snapshot`, or what has its members. For one
/// thread at a time.
template <class Groups>
class status_page {
public:
    /// `links` stands above the groups and `tables` below them, see `status_page_answer`.
    status_page(Groups groups, std::string links, std::string tables)
        : groups_(std::move(groups)), links_(std::move(links)), tables_(std::move(tables)) {}

    /// Replaces `out` by the next piece; false when there is none left.
    bool next(std::string& out) {
        out.clear();
        if (ended_) return false;
        if (!begun_) append_head(out);
        begun_ = true;
        while (out.size() < piece_size && group_ != groups_.size()) append_part(out);
        if (group_ == groups_.size()) {
            out += tables_;
            out += "</body>\n</html>\n";
            ended_ = true;
        }
        return true;
    }

private:
    static constexpr std::size_t piece_size = 32 * 1024;

    void append_head(std::string& out) const {
        out +=
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width\">\n"
            "<meta name=\"robots\" content=\"noindex,nofollow\">\n<title>Pushgateway</title>\n</head>\n<body>\n"
            "<h1>Pushgateway</h1>\n";
        out += links_;
        out += "<h2>Groups</h2>\n<p>";
        out +=
            std::to_string(groups_.size()) + (groups_.size() == 1 ? " group" : " groups") + " of pushed metrics.</p>\n";
    }

    void append_part(std::string& out) {
        if (part_ != 0) return append_lines(out);
        auto const group = groups_[group_];
        if (families_.empty()) families_ = group.families();
        if (family_ == 0) append_group_head(out, group);
        if (family_ == families_.size()) {
            out += "</details>\n";
            ++group_;
            family_ = 0;
            families_.clear();
            return;
        }
        auto const& family = families_[family_];
        out += "<details>\n<summary><code>";
        append_html(out, family.name());
        out += "</code> ";
        out += format::text::type_name(family.type());
        out += ", last pushed " + rfc3339(family.pushed_at()) + "</summary>\n";
        if (auto const help = family.help()) {
            out += "<p>";
            append_html(out, *help);
            out += "</p>\n";
        }
        out += "<pre>\n";
        append_lines(out);
    }

    // Writes the part that is next, and closes the family after the last one.
    void append_lines(std::string& out) {
        auto const& family = families_[family_];
        std::string lines;
        family.for_each_metric_of(part_, [&](model::metric const& metric) {
            format::text::append_metric(lines, family.name(), family.type(), metric);
        });
        append_html(out, lines);
        if (++part_ != family.parts()) return;
        part_ = 0;
        ++family_;
        out += "</pre>\n</details>\n";
    }

    template <class Group>
    static void append_group_head(std::string& out, Group const& group) {
        out += "<details>\n<summary>";
        bool first = true;
        for (auto const& [name, value] : group.key()) {
            if (!std::exchange(first, false)) out += ", ";
            out += "<code>";
            append_html(out, name);
            out += "=\"";
            append_html(out, value);
            out += "\"</code>";
        }
        out += group.last_push_successful() ? "" : " <strong>last push failed</strong>";
        out += "</summary>\n";
    }

    Groups groups_;
    std::string links_;
    std::string tables_;
    decltype(std::declval<Groups const&>()[0].families()) families_;  // of the group at group_
    std::size_t group_ = 0;
    std::size_t family_ = 0;
    std::size_t part_ = 0;  // of the family at family_, whose beginning is written; 0: it is not
    bool begun_ = false;
    bool ended_ = false;
};

namespace detail {

template <class Rows>
void append_table(std::string& out, std::string_view title, Rows const& rows) {
    out += "<h2>" + std::string(title) + "</h2>\n<table>\n";
    for (auto const& [name, text] : rows) {
        out += "<tr><th scope=\"row\">";
        append_html(out, name);
        out += "</th><td>";
        append_html(out, text);
        out += "</td></tr>\n";
    }
    out += "</table>\n";
}

}  // namespace detail

/// What the page shows beside the groups.
struct page_frame {
    build_info const& build;
    std::map<std::string, std::string> const& flags;
    timestamp start_time;
    std::string_view prefix;          ///< before the paths of links, as clients see it
    std::string_view telemetry_path;  ///< below the prefix
};

/// The answer to GET /. Nothing on the page may load or run: all that was pushed is text.
template <class Groups>
[[nodiscard]] response status_page_answer(Groups groups, page_frame const& frame) {
    using row = std::pair<std::string_view, std::string_view>;
    auto const& build = frame.build;
    auto const started = rfc3339(frame.start_time);
    std::string links = "<nav>";
    for (auto const& [text, path] : std::array<row, 3>{{{"Metrics", frame.telemetry_path},
                                                        {"Groups as JSON", "/api/v1/metrics"},
                                                        {"Status as JSON", "/api/v1/status"}}}) {
        links += "\n<a href=\"";
        append_html(links, encode_path(std::string(frame.prefix) + std::string(path)));
        links += "\">";
        links += text;
        links += "</a>";
    }
    links += "\n</nav>\n";
    std::string tables;
    detail::append_table(tables, "Build",
                         std::array<row, 6>{{{"version", build.version},
                                             {"revision", build.revision},
                                             {"branch", build.branch},
                                             {"built by", build.build_user},
                                             {"built on", build.build_date},
                                             {"compiler", build.goversion}}});
    detail::append_table(tables, "Runtime", std::array<row, 1>{{{"started", started}}});
    detail::append_table(tables, "Flags", frame.flags);
    response out;
    out.set("Content-Type", "text/html; charset=utf-8");
    out.set("Content-Security-Policy",
            "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    out.set("X-Content-Type-Options", "nosniff");
    out.set("Referrer-Policy", "no-referrer");
    out.stream = std::make_unique<pieces_body<status_page<Groups>>>(
        status_page<Groups>(std::move(groups), std::move(links), std::move(tables)));
    return out;
}

}  // namespace pushgateway::http
