#pragma once

/// \file
/// Every bound on what comes from outside, in one place, each with its default and its reason.

#include <chrono>
#include <cstddef>

namespace pushgateway {

/// Bounds on input. The defaults are generous: they exist to stop an accident or an attack, not a user.
struct limits {
    /// Method, target and version, in bytes: a grouping key travels in the target. Exceeded: 414.
    std::size_t request_line = 64 * 1024;
    /// The whole head, request line included, in bytes. Exceeded: 431.
    std::size_t header = 256 * 1024;
    /// Number of header fields. Exceeded: 431.
    std::size_t header_fields = 256;
    /// A request body as sent, in bytes. Exceeded: 413.
    std::size_t body = std::size_t{256} << 20;
    /// A request body after decompression, in bytes: what a compression bomb may unfold to. Exceeded: 413.
    std::size_t decoded_body = std::size_t{512} << 20;
    /// Labels of one pushed sample: the duplicate check is quadratic in this. Exceeded: 400.
    std::size_t labels_per_sample = 1024;

    /// Labels of a grouping key, `job` included: every series of the group carries them. Exceeded: 400.
    std::size_t grouping_labels = 256;

    /// Time for a whole request head to arrive, from its first byte.
    std::chrono::seconds header_timeout{30};
    /// Longest pause while a body arrives or a response is taken.
    std::chrono::seconds progress_timeout{60};
    /// Longest pause between two requests of a connection.
    std::chrono::seconds idle_timeout{180};
};

}  // namespace pushgateway
