#pragma once

/// \file
/// Reading metric families as protobuf messages.

#include <string_view>

#include <pushgateway/base/error.hpp>
#include <pushgateway/format/decoded_families.hpp>
#include <pushgateway/format/protobuf/detail/decoder.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::format::protobuf {

/// Reads a body of `io.prometheus.client.MetricFamily` messages, each behind its length, into `out`, whose views point
/// into `body`. Takes time in proportion to the body, whatever is in it.
///
/// Fields that are not known are passed over. A histogram is one of floats if one of its float counts is positive, or
/// if all its counts are float ones. Names, labels, timestamps and native buckets are not checked here.
///
/// On an error `out` is not to be used. The error is `protobuf parsing error at byte N, in metric M of family "…": …`,
/// errc::syntax for bytes that are no such messages, errc::invalid for what they cannot mean, errc::too_large for what
/// exceeds a bound. Concurrent calls need an `out` each.
[[nodiscard]] inline result<> parse(std::string_view body, parse_options const& options, decoded_families& out) {
    return detail::decoder(body, options, out).run();
}

/// Reads one message that stands alone, without its length. `type`: the family's, if the message says none.
[[nodiscard]] inline result<> parse_message(std::string_view message, model::metric_type type,
                                            parse_options const& options, decoded_families& out) {
    return detail::decoder(message, options, out).run_alone(type);
}

}  // namespace pushgateway::format::protobuf
