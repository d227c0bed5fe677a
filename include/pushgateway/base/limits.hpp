#pragma once

/// \file
/// Every bound on what comes from outside, in one place, each with its default and its reason.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

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
    /// How many times its size a body may unfold to, counted beyond `free_decoded` only: text of metrics compresses to
    /// a tenth or a hundredth, a bomb to less than a thousandth. 0: any number of times. Exceeded: 413.
    std::size_t decoded_ratio = 1'000;

    /// Family names in one push, those without a sample included: each costs an entry in every index, however few
    /// bytes it took. Exceeded: 413.
    std::size_t families_per_push = 100'000;
    /// Sample lines in one push: a line of a few bytes takes ten times that while it is read. Exceeded: 413.
    std::size_t series_per_push = 5'000'000;
    /// Labels of one pushed sample: the duplicate check is quadratic in this. Exceeded: 400.
    std::size_t labels_per_sample = 1024;
    /// Labels of a grouping key, `job` included: every series of the group carries them. Exceeded: 400.
    std::size_t grouping_labels = 256;

    /// Groups at the same time: clients that put a changing value into the grouping key, and delete nothing, would
    /// fill the memory. 0: any number. Exceeded: 429.
    std::size_t groups = 1'000'000;
    /// Sample lines of all groups together, their push times included: what memory is needed for, and what a scraper
    /// has to take. 0: any number. Exceeded: 429.
    std::size_t series = 10'000'000;

    /// Connections at the same time: each is a file descriptor and some memory. 0: as many as there are file
    /// descriptors, less `spare_descriptors`. Exceeded: the newcomer takes the place of the connection that has been
    /// silent for longest; if none is silent, 503.
    std::size_t connections = 0;
    /// Bytes of request bodies held at the same time, over all connections: many bodies of an allowed size would fill
    /// the memory. 0: any number. Exceeded: 503 for the body that asks for more.
    std::size_t bodies_in_flight = std::size_t{1} << 30;

    /// Requests that wait for worker threads, by their kind: what waits long helps nobody, and takes memory meanwhile.
    /// Scrapes are few. Pushes come all at once when the clock strikes. People and dashboards ask for lists, and ask
    /// again. 0: any number. Exceeded: 503.
    std::size_t queued_scrapes = 1024;
    std::size_t queued_pushes = 4096;
    std::size_t queued_lists = 256;
    /// Bytes of request heads that have not arrived as a whole, and of those whose body has not, over all connections:
    /// each may be as large as `header`. Exceeded: 503.
    std::size_t heads_in_flight = std::size_t{64} << 20;
    /// Bytes that the process may take, all together: what is stored, requests as they arrive and are read, answers on
    /// their way. 0: any number, as a library cannot know; the server takes what its container allows. Exceeded: 429
    /// for a push that makes more of what is stored, 503 for any other request, and the oldest unread answers are cut
    /// off.
    std::size_t memory = 0;

    /// Time for a whole request head to arrive, from its first byte.
    std::chrono::seconds header_timeout{30};
    /// Longest time in which less than `minimum_progress` of a body arrives or of a response is taken.
    std::chrono::seconds progress_timeout{60};
    /// In bytes. A client that sends or takes a byte at a time would hold its connection for ever otherwise.
    std::size_t minimum_progress = 1024;
    /// Longest pause between two requests of a connection.
    std::chrono::seconds idle_timeout{180};
};

/// Up to this many bytes, a body may unfold to any multiple of its size.
inline constexpr std::size_t free_decoded = std::size_t{1} << 20;

/// The longest value of a label, in bytes: Prometheus, which has 24 bits for its length, ends with a panic at a longer
/// one.
inline constexpr std::size_t longest_label_value = (std::size_t{1} << 24) - 1;

/// The longest name of a metric or label, in bytes: escaped, it may become five times as long, which Prometheus must
/// still take.
inline constexpr std::size_t longest_name = 3'000'000;

/// File descriptors that connections leave for everything else: listening sockets, files, logs.
inline constexpr std::size_t spare_descriptors = 64;

/// The limits that something can run into, by the names that error texts, own metrics and flags give them.
enum class limit_kind : std::uint8_t {
    request_line,
    header,
    header_fields,
    body,
    decoded_body,
    decoded_ratio,
    families_per_push,
    series_per_push,
    labels_per_series,
    grouping_labels,
    groups,
    series,
    connections,
    bodies_in_flight,
    queued_scrapes,
    queued_pushes,
    queued_lists,
    heads_in_flight,
    memory,
};

/// All of them, by value.
inline constexpr std::array<std::string_view, 19> limit_names{"request-line",
                                                              "header",
                                                              "header-fields",
                                                              "body",
                                                              "decoded-body",
                                                              "decoded-ratio",
                                                              "families-per-push",
                                                              "series-per-push",
                                                              "labels-per-series",
                                                              "grouping-labels",
                                                              "groups",
                                                              "series",
                                                              "connections",
                                                              "bodies-in-flight",
                                                              "queued-scrapes",
                                                              "queued-pushes",
                                                              "queued-lists",
                                                              "heads-in-flight",
                                                              "memory"};

/// The name of a limit: the flag is `--limit.` and this.
[[nodiscard]] constexpr std::string_view name_of(limit_kind limit) noexcept {
    return limit_names[static_cast<std::size_t>(limit)];
}

/// What follows a sentence about something that exceeds a limit: its name, in parentheses.
[[nodiscard]] inline std::string naming(std::string_view sentence, limit_kind limit) {
    std::string out;
    for (auto const part : {sentence, std::string_view(" (limit \""), name_of(limit), std::string_view("\")")}) {
        out += part;
    }
    return out;
}

}  // namespace pushgateway
