#pragma once

/// \file
/// `GET /api/v1/groups/job/…`: one group with its families and samples, a part at a time.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <ranges>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <pushgateway/base/clock.hpp>
#include <pushgateway/base/hash.hpp>
#include <pushgateway/format/text/metric_type_name.hpp>
#include <pushgateway/format/text/write.hpp>
#include <pushgateway/http/answers.hpp>
#include <pushgateway/http/api.hpp>
#include <pushgateway/http/groups_api.hpp>
#include <pushgateway/http/groups_query.hpp>
#include <pushgateway/http/json.hpp>
#include <pushgateway/http/message.hpp>
#include <pushgateway/http/native_json.hpp>
#include <pushgateway/http/scrape.hpp>
#include <pushgateway/model/metric.hpp>
#include <pushgateway/store/group_snapshot.hpp>

namespace pushgateway::http {

namespace detail {

/// The labels of a metric that are not the group's: those that were pushed.
inline std::vector<model::label> own_labels(model::labels all, model::labels key) {
    std::vector<model::label> out;
    for (auto const& label : all) {
        bool const implied = label.name == model::instance_label && label.value.empty();
        if (!implied && std::ranges::find(key, label.name, &model::label::name) == key.end()) out.push_back(label);
    }
    return out;
}

template <class Points, class First, class Second>
void append_pairs(std::string& out, Points const& points, First first, Second second) {
    out += '[';
    bool begun = false;
    for (auto const& point : points) {
        out += std::exchange(begun, true) ? ",[" : "[";
        append_quoted_number(out, point.*first);
        out += ',';
        append_quoted_number(out, point.*second);
        out += ']';
    }
    out += ']';
}

/// A metric as `{"labels":{…},"value":"1"}`, or with what a summary or histogram has.
inline void append_sample(std::string& out, model::metric const& metric, model::labels key) {
    out += R"({"labels":)";
    append_labels(out, own_labels(metric.labels, key));
    std::visit(
        [&out]<class Value>(Value const& value) {
            if constexpr (requires { value.value; }) {
                out += R"(,"value":)";
                append_quoted_number(out, value.value);
            } else {
                out += R"(,"count":)";
                append_quoted_number(out, value.count);
                out += R"(,"sum":)";
                append_quoted_number(out, value.sum);
                if constexpr (std::same_as<Value, model::summary>) {
                    out += R"(,"quantiles":)";
                    append_pairs(out, value.quantiles, &model::quantile::rank, &model::quantile::value);
                } else {
                    using bucket = std::remove_cvref_t<decltype(value.buckets[0])>;
                    out += R"(,"buckets":)";
                    append_pairs(out, value.buckets, &bucket::upper_bound, &bucket::count);
                    if constexpr (requires { value.native; }) {
                        if (value.native != nullptr) append_native_cells(out, *value.native);
                    }
                }
            }
        },
        metric.value);
    out += '}';
}

/// Metrics `[offset, offset + limit)` of a family.
inline void append_samples(std::string& out, store::group_family_view const& family, model::labels key,
                           std::size_t offset, std::size_t limit) {
    std::size_t number = 0;
    bool first = true;
    for (std::size_t part = 0; part != family.parts() && number < offset + limit; ++part) {
        if (number + family.metrics_of(part) <= offset) {
            number += family.metrics_of(part);
            continue;
        }
        family.for_each_metric_of(part, [&](model::metric const& metric) {
            auto const at = number++;
            if (at < offset || at - offset >= limit) return;
            if (!std::exchange(first, false)) out += ',';
            append_sample(out, metric, key);
        });
    }
}

/// The group in the text format, as it would have to be pushed, a part of a family at a time.
class group_text {
public:
    explicit group_text(store::group_snapshot group)
        : group_(std::move(group)), families_(group_[0].pushed_families()) {}

    bool next(std::string& out) {
        out.clear();
        while (out.size() < piece_size && family_ != families_.size()) append_part(out);
        return !out.empty();
    }

private:
    static constexpr std::size_t piece_size = 32 * 1024;

    void append_part(std::string& out) {
        auto const& family = families_[family_];
        if (part_ == 0) format::text::append_header(out, family.name(), family.help(), family.type());
        auto const key = group_[0].key();
        family.for_each_metric_of(part_, [&](model::metric const& metric) {
            auto const labels = own_labels(metric.labels, key);
            model::metric pushed = metric;
            pushed.labels = labels;
            format::text::append_metric(out, family.name(), family.type(), pushed);
        });
        if (++part_ != family.parts()) return;
        part_ = 0;
        ++family_;
    }

    store::group_snapshot group_;
    std::vector<store::group_family_view> families_;
    std::size_t family_ = 0;
    std::size_t part_ = 0;
};

struct detail_query {
    std::optional<std::string> family;
    bool text = false;
    std::size_t limit = 0;
    std::size_t offset = 0;
    std::size_t samples = 0;
};

inline result<detail_query> read_detail_query(std::string_view query) {
    detail_query out;
    auto const family = one_value(query, "family");
    if (!family) return std::unexpected(family.error());
    out.family = *family;
    auto const format = one_value(query, "format");
    if (!format) return std::unexpected(format.error());
    static constexpr std::pair<std::string_view, bool> words[] = {{"json", false}, {"text", true}};
    auto const text = word_value("format", format->value_or("json"), words);
    if (!text) return std::unexpected(text.error());
    out.text = *text;
    auto const limit = number_value(query, "limit", 0, longest_list, 100);
    if (!limit) return std::unexpected(limit.error());
    out.limit = *limit;
    auto const offset = number_value(query, "offset", 0, SIZE_MAX / 2, 0);
    if (!offset) return std::unexpected(offset.error());
    out.offset = *offset;
    auto const samples = number_value(query, "samples", 0, 100, 10);
    if (!samples) return std::unexpected(samples.error());
    out.samples = *samples;
    return out;
}

}  // namespace detail

/// Answers `GET /api/v1/groups/job/…`. `path`: a push path, `/metrics/job/…`, decoded. `tags`: those of the list.
template <class Gateway>
[[nodiscard]] response group_answer(Gateway const& gateway, request const& req, std::string_view path,
                                    std::string_view query, answer_tags const& tags, std::size_t most_labels) {
    auto const parts = split_push_path(path);
    if (!parts) return with_cors(not_found());
    auto const key = read_grouping_key(*parts, most_labels, gateway.names());
    if (!key) return with_cors(error_answer(key.error()));
    auto const wanted = detail::read_detail_query(query);
    if (!wanted) return with_cors(error_answer(wanted.error()));
    auto const variant = hash_bytes(path, {}) ^ (hash_bytes(query, {}) * 8) ^ (gateway.failures_noted() << 32);
    if (auto const held = tags.held(req.header("If-None-Match"), gateway.generation(), variant, timestamp{});
        !held.empty()) {
        return not_modified(held);
    }
    auto found = gateway.group(*key);
    if (found.size() == 0) return with_cors(error_answer(404, "there is no such group"));
    auto out = with_cors({});
    out.set("ETag", tags.tag(found.generation(), variant));
    out.set("X-Content-Type-Options", "nosniff");
    if (wanted->text) {
        out.set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        out.stream = std::make_unique<pieces_body<detail::group_text>>(detail::group_text(std::move(found)));
        return out;
    }
    auto const group = found[0];
    auto families = group.pushed_families();
    auto const count = families.size();
    std::uint64_t series = 0;
    for (auto const& family : families) series += family.series();
    if (wanted->family) {
        std::erase_if(families, [&](auto const& family) { return family.name() != *wanted->family; });
        if (families.empty()) return with_cors(error_answer(404, "the group has no such family"));
    }
    auto const first = wanted->family ? 0 : std::min(wanted->offset, families.size());
    auto const last = wanted->family ? 1 : first + std::min(wanted->limit, families.size() - first);

    out.set("Content-Type", "application/json");
    auto& body = out.body;
    body = R"({"status":"success","data":{)";
    detail::append_group_members(body, gateway, group.key(), group.push_time(), group.push_failure_time());
    body += R"(,"family_count":)" + std::to_string(count) + R"(,"series":)" + std::to_string(series);
    body += R"(,"families":[)";
    for (auto i = first; i != last; ++i) {
        auto const& family = families[i];
        if (i != first) body += ',';
        body += R"({"name":)";
        append_json(body, family.name());
        body += R"(,"type":)";
        append_json(body, format::text::type_name(family.type()));
        if (auto const help = family.help()) {
            body += R"(,"help":)";
            append_json(body, *help);
        }
        if (!family.unit().empty()) {
            body += R"(,"unit":)";
            append_json(body, family.unit());
        }
        body += R"(,"push_time":)";
        detail::append_time(body, unix_seconds(family.pushed_at()));
        std::size_t metrics = 0;
        for (std::size_t part = 0; part != family.parts(); ++part) metrics += family.metrics_of(part);
        body += R"(,"metric_count":)" + std::to_string(metrics);
        body += R"(,"series":)" + std::to_string(family.series());
        body += R"(,"metrics":[)";
        if (wanted->family) {
            detail::append_samples(body, family, group.key(), wanted->offset, wanted->limit);
        } else {
            detail::append_samples(body, family, group.key(), 0, wanted->samples);
        }
        body += "]}";
    }
    body += "]}}";
    return out;
}

}  // namespace pushgateway::http
