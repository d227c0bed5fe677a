#pragma once

/// \file
/// What must hold for every body in the text format, good or bad: for the tests and for the fuzzer.

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

#include <pushgateway/base/number.hpp>
#include <pushgateway/format/detail/folding.hpp>
#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/parse.hpp>
#include <pushgateway/format/text/write.hpp>

#include "support/describe_families.hpp"
#include "support/text_scanner.hpp"

namespace pushgateway::test {

namespace detail {

/// A count that a negative or enormous number left behind may not survive being printed.
inline bool survives_printing(model::metric const& metric) {
    auto const* const summary = std::get_if<model::summary>(&metric.value);
    return summary == nullptr || to_unsigned(static_cast<double>(summary->count)) == summary->count;
}

/// Two summaries or histograms with the same labels cannot be told apart in text.
inline bool has_twins(model::metric_family const& family) {
    if (family.type != model::metric_type::summary && !model::has_buckets(family.type)) return false;
    auto const& metrics = family.metrics;
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        for (std::size_t j = 0; j != i; ++j) {
            if (format::detail::same_label_set(metrics[i].labels, metrics[j].labels)) return true;
        }
    }
    return false;
}

/// Empty, or how a family changes by being written, read and written.
inline std::string broken_round_trip(model::metric_family const& family, format::text::parse_options const& options) {
    for (auto const& metric : family.metrics) {
        if (!survives_printing(metric)) return {};
    }
    if (has_twins(family)) return {};
    std::string written;
    format::text::append_family(written, family);
    format::parsed_exposition parsed;
    // A histogram is written with more lines than it may have been sent with.
    auto unbounded = options;
    unbounded.bounds.samples = limits{}.series_per_push;
    if (auto const read = format::text::parse(written, unbounded, parsed); !read) {
        return "wrote " + show(written) + "\nwhich is refused: " + read.error().message;
    }
    std::string again;
    parsed.for_each_family([&again](model::metric_family const& f) { format::text::append_family(again, f); });
    return again == written ? "" : "wrote " + show(written) + "\nthen " + show(again);
}

}  // namespace detail

/// Empty, or what is wrong: the grammar and the scanner agree on whether `body` is good, on the line of the error, and
/// on the families; the error begins as it should; each family alone survives being written and read.
inline std::string broken_text_law(std::string_view body, format::text::parse_options const& options) {
    format::parsed_exposition by_grammar;
    format::parsed_exposition by_scanner;
    auto const read = format::text::parse(body, options, by_grammar);
    auto const failed_line = scan_text(body, options, by_scanner);
    // A body without a sample may be refused for what stands in its comments, which the scanner does not read.
    if (!read && !failed_line && by_scanner.sample_count() == 0 &&
        read.error().message.find(": a sample in a comment, at ") != std::string::npos) {
        return {};
    }
    if (read.has_value() != !failed_line || (failed_line && *failed_line != read.error().line)) {
        return detail::show(body) + "\ngrammar: " + (read ? "good" : read.error().message) +
               "\nscanner: " + (failed_line ? "bad line " + std::to_string(*failed_line) : "good");
    }
    if (!read) {
        if (read.error().code == errc::too_large) {
            return read.error().message.starts_with("the push has more than ") ? "" : read.error().message;
        }
        auto const prefix = "text format parsing error in line " + std::to_string(read.error().line) + ": ";
        return read.error().message.starts_with(prefix) ? "" : read.error().message;
    }
    if (auto const families = describe(by_grammar); families != describe(by_scanner)) {
        return detail::show(body) + "\ngrammar:\n" + families + "scanner:\n" + describe(by_scanner);
    }
    std::string broken;
    by_grammar.for_each_family([&](model::metric_family const& family) {
        if (broken.empty()) broken = detail::broken_round_trip(family, options);
    });
    return broken.empty() ? broken : detail::show(body) + '\n' + broken;
}

}  // namespace pushgateway::test
