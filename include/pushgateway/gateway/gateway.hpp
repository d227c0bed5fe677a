#pragma once

/// \file
/// The gateway: what may be done with pushed metrics, without any network.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/improper_name.hpp>
#include <pushgateway/base/limit_usage.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/name_escaping.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/base/utf8.hpp>
#include <pushgateway/format/family_source.hpp>
#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/lenient.hpp>
#include <pushgateway/format/text/parse.hpp>
#include <pushgateway/format/without_timestamps.hpp>
#include <pushgateway/gateway/build_info.hpp>
#include <pushgateway/gateway/failure_notes.hpp>
#include <pushgateway/gateway/metric_pieces.hpp>
#include <pushgateway/gateway/own_family.hpp>
#include <pushgateway/gateway/own_metrics.hpp>
#include <pushgateway/gateway/request_counters.hpp>
#include <pushgateway/gateway/scrape_pieces.hpp>
#include <pushgateway/gateway/timestamp_policy.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/model/label.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/policies.hpp>
#include <pushgateway/store/store.hpp>

namespace pushgateway {

/// Options of `basic_gateway`.
struct gateway_options {
    /// Shown by `pushgateway_build_info`, the status page and the API.
    build_info build;
    /// Which names pushes as text and OpenMetrics may have, and the labels of a grouping key. With `name_scheme::utf8`
    /// also names beyond the legacy set. Families that are pushed as values or protobuf may have these in any case. A
    /// scrape shows them in the way it asks for.
    name_scheme names = name_scheme::legacy;
    timestamp_policy timestamps = timestamp_policy::reject;
    /// Take text with CR LF at the ends of lines, without an end of the last line, with a byte order mark before it,
    /// with several HELP or TYPE lines for one name.
    bool lenient = false;
    /// Drop samples in the text format that are no part of their summary or histogram, such as `x 5` under the TYPE
    /// line of the histogram x, as upstream does. They are refused otherwise, since their values would be lost.
    bool ignore_stray_samples = false;
    /// Show in OpenMetrics since when counters, histograms and summaries count, as samples `_created`. A scraper keeps
    /// these as series of their own, which it would not have of the text format.
    bool created_samples = false;
    /// The gateway's own metrics are shown with the pushed ones: then no push may contradict them. Without this their
    /// names are free, and a scrape must show either.
    bool own_names_reserved = true;
    /// Those of pushes, groups and series are used here; the others belong to who reads from the network.
    pushgateway::limits limits;
};

/// Takes pushes, checks and keeps them, shows them to scrapes, deletes them.
///
/// `Policies` chooses clock, consistency check, locking, logger and journal, see store/policies.hpp. With
/// `shared_locking`, the default, every function may be called from any thread; with `no_locking`, from one at a time.
template <store_policies Policies = default_policies>
class basic_gateway {
public:
    using clock = typename Policies::clock;
    using consistency = typename Policies::consistency;
    using logger = typename Policies::logger;
    using journal = typename Policies::journal;

    /// True if changes outlive the process: then a function that changes something returns when the journal has kept
    /// that, or fails with errc::unavailable and has changed nothing; beside it is one with a completion that does not
    /// wait.
    static constexpr bool keeps = journal::keeps;

    explicit basic_gateway(gateway_options options = {}, clock time = {}, consistency mode = {}, logger log = {},
                           journal keeper = {})
        : options_(std::move(options)),
          clock_(time),
          store_(time, mode, std::move(log), options_.limits, std::move(keeper)),
          own_(options_.build) {
        usage_->keep(limit_kind::memory, options_.limits.memory);
        if (!options_.own_names_reserved) return;
        for (auto const* family : own_family::all()) store_.reserve(family->name, family->help, family->type);
    }

    /// Pushes a body in the text format 0.0.4 into the group `key`: all of it or nothing.
    ///
    /// Fails with errc::syntax, or errc::invalid for a bad value, and `text format parsing error in line N: …`; with
    /// errc::too_large for a body of 4 GiB; and as the overload for families.
    result<> push(model::grouping_key const& key, push_mode mode, std::string_view text) {
        if (auto fault = fault_of(key); !fault) return fault;
        if (text.size() <= kept_text) return counted(push_text(key, mode, text, scratch()));
        // A huge body once must not cost its memory for ever.
        format::parsed_exposition parsed;
        return counted(push_text(key, mode, text, parsed));
    }

    /// Pushes families, for instance a `format::families` over an array: all of them or nothing.
    ///
    /// Fails with errc::invalid for a key whose job is empty or whose names or values no exposition could show, with
    /// errc::too_large for more families or series than a push may have, with errc::too_many if the gateway would hold
    /// too many groups or series, and with errc::inconsistent for what contradicts itself or what is stored. The latter
    /// two set the group's `push_failure_time_seconds`;
    /// only the last one makes a group for it.
    template <format::family_source Source>
        requires(!std::convertible_to<Source, std::string_view>)
    result<> push(model::grouping_key const& key, push_mode mode, Source const& families) {
        if (auto fault = fault_of(key); !fault) return fault;
        if (auto excess = excess_of(families, options_.limits); !excess) return counted(std::move(excess));
        if (options_.timestamps == timestamp_policy::drop) {
            return counted(store_.push(key, mode, format::without_timestamps(families), rules()));
        }
        return counted(store_.push(key, mode, families, rules()));
    }

    /// As above, for families in an array.
    result<> push(model::grouping_key const& key, push_mode mode, std::span<model::metric_family const> families) {
        return push(key, mode, format::families(families));
    }

    /// As above, told by `done`: before this returns, or later by the journal's thread, which must not be kept waiting.
    /// Nothing of the arguments is needed after this returns.
    void push(model::grouping_key const& key, push_mode mode, std::string_view text, store::completion done)
        requires keeps
    {
        if (auto fault = fault_of(key); !fault) return done(std::move(fault));
        if (text.size() <= kept_text) return push_text(key, mode, text, scratch(), counted(std::move(done)));
        format::parsed_exposition parsed;
        push_text(key, mode, text, parsed, counted(std::move(done)));
    }

    template <format::family_source Source>
        requires(!std::convertible_to<Source, std::string_view> && keeps)
    void push(model::grouping_key const& key, push_mode mode, Source const& families, store::completion done) {
        if (auto fault = fault_of(key); !fault) return done(std::move(fault));
        auto complete = counted(std::move(done));
        if (auto excess = excess_of(families, options_.limits); !excess) return complete(std::move(excess));
        if (options_.timestamps == timestamp_policy::drop) {
            return store_.push(key, mode, format::without_timestamps(families), rules(), std::move(complete));
        }
        store_.push(key, mode, families, rules(), std::move(complete));
    }

    /// Drops a group; false if there was none. With a journal a `result<bool>`.
    auto erase(model::grouping_key const& key) { return store_.erase(key); }

    /// As above, told by `done`.
    bool erase(model::grouping_key const& key, store::completion done)
        requires keeps
    {
        return store_.erase(key, std::move(done));
    }

    /// Drops all groups. With a journal a `result<>`.
    auto wipe() { return store_.wipe(); }

    /// As above, told by `done`.
    void wipe(store::completion done)
        requires keeps
    {
        store_.wipe(std::move(done));
    }

    /// Puts back a group that was kept, and forgets all: see `basic_store`.
    template <class Source, class At>
    result<> restore(model::grouping_key const& key, store::group_header header, Source&& source, At&& at) {
        return store_.restore(key, std::move(header), source, at);
    }
    void forget() { store_.forget(); }

    /// The whole exposition in the text format. `escaping`: how names beyond the legacy set are shown.
    [[nodiscard]] std::string scrape(name_escaping escaping = name_escaping::allow_utf8) const {
        std::string all;
        std::string piece;
        for (auto pieces = scrape_pieces({}, scrape_scope::everything, escaping); pieces.next(piece);) all += piece;
        return all;
    }

    /// The exposition of this moment in pieces. `names`: only these families, by their real names; all if there is
    /// none. It does not depend on the gateway any more and blocks nobody.
    [[nodiscard]] pushgateway::scrape_pieces scrape_pieces(std::vector<std::string> names,
                                                           scrape_scope scope = scrape_scope::everything,
                                                           name_escaping escaping = name_escaping::allow_utf8,
                                                           line_format format = line_format::text) const {
        return {store_.scrape(), own_families(scope),     std::move(names), scope != scrape_scope::own, escaping,
                format,          options_.created_samples};
    }

    /// The same in another format, which `writer` writes: a `metric_writer`.
    template <metric_writer Writer>
    [[nodiscard]] pushgateway::metric_pieces<Writer> metric_pieces(std::vector<std::string> names, scrape_scope scope,
                                                                   name_escaping escaping, Writer writer) const {
        auto pushed = store_.scrape();
        // Without names beyond the legacy set there is nothing to escape.
        auto const needed = pushed.names_beyond_legacy() ? escaping : name_escaping::allow_utf8;
        return {std::move(pushed), own_families(scope), std::move(names), scope != scrape_scope::own, needed,
                std::move(writer)};
    }

    /// Drops the rendered pages that are cached for the next scrape, to make room.
    void drop_texts() { store_.drop_texts(); }

    /// All groups at this moment.
    [[nodiscard]] store::group_snapshot groups() const { return store_.groups(); }

    /// One group at this moment, alone in a snapshot; an empty snapshot if there is none.
    [[nodiscard]] store::group_snapshot group(model::grouping_key const& key) const { return store_.group(key); }

    /// Another number after every change of what is stored.
    [[nodiscard]] std::uint64_t generation() const { return store_.generation(); }

    /// Keeps for a while why a push into this group was refused, for people who ask. Whoever carries out pushes for
    /// others tells; the HTTP front end does.
    void note_failure(model::grouping_key const& key, error const& why) {
        // Nothing else sets the group's failure time.
        if (why.code == errc::inconsistent || why.code == errc::too_many) failures_.note(key, why.message);
    }

    /// Why the last push into the group that failed did so, as far as it is known. `key`: sorted by name.
    [[nodiscard]] std::optional<std::string> failure_of(model::labels key) const { return failures_.find(key); }

    /// Another number after every `note_failure` that kept something, which comes after the change of what is stored.
    [[nodiscard]] std::uint64_t failures_noted() const noexcept { return failures_.written(); }

    /// True while a change keeps the others waiting: who must not wait leaves pushes to another thread then.
    [[nodiscard]] bool occupied() const noexcept { return store_.occupied(); }

    /// How much is stored.
    [[nodiscard]] store::store_statistics statistics() const { return store_.statistics(); }

    /// True while the gateway works.
    [[nodiscard]] static bool healthy() noexcept { return true; }

    /// True when pushes are taken, and were kept the last time.
    [[nodiscard]] bool ready() const { return readiness().has_value(); }

    /// As above, with the reason.
    [[nodiscard]] result<> readiness() const { return store_.journal_status(); }

    /// True if inconsistent pushes are refused.
    [[nodiscard]] bool checks_consistency() const noexcept { return store_.checks(); }

    /// Which names pushes may have.
    [[nodiscard]] name_scheme names() const noexcept { return options_.names; }

    /// True if text is taken that a strict reader refuses.
    [[nodiscard]] bool lenient() const noexcept { return options_.lenient; }

    [[nodiscard]] build_info const& build() const noexcept { return options_.build; }

    /// Where all that has to do with limits is counted; shown by the gateway's own metrics. To be given to a server.
    [[nodiscard]] std::shared_ptr<limit_usage> const& usage() const noexcept { return usage_; }

    /// Counts a request in `pushgateway_http_requests_total`.
    void count_request(request_handler handler, std::string_view method, int status) noexcept {
        own_.count_request(handler, method, status);
    }

    /// Adds a push over HTTP to the summaries of durations and of sizes (in bytes).
    void observe_push(std::string_view method, std::chrono::nanoseconds duration, std::size_t size) {
        own_.observe_push(method, duration, size, clock_.now());
    }

private:
    /// What is needed to read a body up to this size, in bytes, is kept for the next one.
    static constexpr std::size_t kept_text = 256 * 1024;

    result<> push_text(model::grouping_key const& key, push_mode mode, std::string_view text,
                       format::parsed_exposition& parsed) {
        std::string room;
        if (options_.lenient) text = format::text::mended(text, room);
        if (auto read = read_text(text, parsed); !read) return read;
        if (drops_timestamps_of(parsed)) {
            return store_.push(key, mode, format::without_timestamps(parsed), rules());
        }
        return store_.push(key, mode, parsed, rules());
    }

    void push_text(model::grouping_key const& key, push_mode mode, std::string_view text,
                   format::parsed_exposition& parsed, store::completion done)
        requires keeps
    {
        std::string room;
        if (options_.lenient) text = format::text::mended(text, room);
        if (auto read = read_text(text, parsed); !read) return done(std::move(read));
        if (drops_timestamps_of(parsed)) {
            return store_.push(key, mode, format::without_timestamps(parsed), rules(), std::move(done));
        }
        store_.push(key, mode, parsed, rules(), std::move(done));
    }

    [[nodiscard]] store::push_rules rules() const noexcept {
        return {.timestamps = options_.timestamps == timestamp_policy::keep};
    }

    [[nodiscard]] bool drops_timestamps_of(format::parsed_exposition const& parsed) const noexcept {
        return options_.timestamps == timestamp_policy::drop && parsed.has_timestamps();
    }

    result<> read_text(std::string_view text, format::parsed_exposition& parsed) const {
        bool const utf8 = options_.names == name_scheme::utf8;
        auto const& bounds = options_.limits;
        return format::text::parse(text,
                                   {utf8,
                                    options_.ignore_stray_samples,
                                    {bounds.labels_per_sample, bounds.families_per_push, bounds.series_per_push},
                                    options_.lenient},
                                   parsed);
    }

    /// Counts a failure that is due to a limit.
    result<> counted(result<> outcome) noexcept {
        if (!outcome && outcome.error().limit) usage_->count_rejection(*outcome.error().limit);
        return outcome;
    }

    [[nodiscard]] store::completion counted(store::completion done) {
        return [this, told = std::move(done)](result<> outcome) mutable { told(counted(std::move(outcome))); };
    }

    template <format::family_source Source>
    static result<> excess_of(Source const& families, pushgateway::limits const& bounds) {
        std::size_t count = 0;
        std::size_t series = 0;
        families.for_each_family([&](model::metric_family const& family) {
            ++count;
            for (auto const& metric : family.metrics) series += store::series_of(metric.value);
        });
        if (count > bounds.families_per_push) {
            return fail(errc::too_large, limit_kind::families_per_push,
                        "the push has more than " + std::to_string(bounds.families_per_push) + " families");
        }
        if (series > bounds.series_per_push) {
            return fail(errc::too_large, limit_kind::series_per_push,
                        "the push has more than " + std::to_string(bounds.series_per_push) + " series");
        }
        return {};
    }

    // One per thread, so that neither a lock nor an allocation stands between a body and its families.
    static format::parsed_exposition& scratch() {
        static thread_local format::parsed_exposition parsed;
        return parsed;
    }

    [[nodiscard]] std::vector<own_family_metrics> own_families(scrape_scope scope) const {
        if (scope == scrape_scope::pushed) return {};
        return own_.collect(store_.statistics(), options_.limits, *usage_, clock_.now());
    }

    [[nodiscard]] result<> fault_of(model::grouping_key const& key) const {
        for (auto const& [name, value] : key.pairs()) {
            if (!is_label_name(name, options_.names) || name.starts_with("__")) {
                return fail(errc::invalid, improper_label_name(name, name, options_.names));
            }
            if (!valid_utf8(value)) {
                return fail(errc::invalid,
                            "the value of grouping label " + name + " is not valid UTF-8: " + in_short_quotes(value));
            }
        }
        if (key.job().empty()) return fail(errc::invalid, "job name is required: the job of the key is empty");
        return {};
    }

    gateway_options options_;
    clock clock_;
    store::basic_store<Policies> store_;
    own_metrics own_;
    failure_notes failures_;
    std::shared_ptr<limit_usage> usage_ = std::make_shared<limit_usage>();
};

/// The sensible choice: wall clock, pushes checked, any number of threads, nothing logged.
using gateway = basic_gateway<>;

}  // namespace pushgateway
