#pragma once

/// \file
/// The gateway: what may be done with pushed metrics, without any network.

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/base/error.hpp>
#include <pushgateway/base/limits.hpp>
#include <pushgateway/base/name_escaping.hpp>
#include <pushgateway/base/names.hpp>
#include <pushgateway/base/quote.hpp>
#include <pushgateway/base/utf8.hpp>
#include <pushgateway/format/family_source.hpp>
#include <pushgateway/format/parsed_exposition.hpp>
#include <pushgateway/format/text/parse.hpp>
#include <pushgateway/gateway/build_info.hpp>
#include <pushgateway/gateway/metric_pieces.hpp>
#include <pushgateway/gateway/own_family.hpp>
#include <pushgateway/gateway/own_metrics.hpp>
#include <pushgateway/gateway/request_counters.hpp>
#include <pushgateway/gateway/scrape_pieces.hpp>
#include <pushgateway/model/grouping_key.hpp>
#include <pushgateway/model/metric_family.hpp>
#include <pushgateway/store/policies.hpp>
#include <pushgateway/store/store.hpp>

namespace pushgateway {

/// Options of `basic_gateway`.
struct gateway_options {
    /// Shown by `pushgateway_build_info`, the status page and the API.
    build_info build;
    /// Which names pushes may have. With `name_scheme::utf8` also names beyond the legacy set, which a scrape then
    /// shows in the way it asks for.
    name_scheme names = name_scheme::legacy;
    /// `labels_per_sample` is used here; the others belong to who reads from the network.
    pushgateway::limits limits;
};

/// Takes pushes, checks and keeps them, shows them to scrapes, deletes them.
///
/// `Policies` chooses clock, consistency check, locking and logger, see store/policies.hpp. With `shared_locking`, the
/// default, every function may be called from any thread; with `no_locking`, from one at a time.
template <store_policies Policies = default_policies>
class basic_gateway {
public:
    using clock = typename Policies::clock;
    using consistency = typename Policies::consistency;
    using logger = typename Policies::logger;

    explicit basic_gateway(gateway_options options = {}, clock time = {}, consistency mode = {}, logger log = {})
        : options_(std::move(options)), clock_(time), store_(time, mode, std::move(log)), own_(options_.build) {
        for (auto const* family : own_family::all()) store_.reserve(family->name, family->help, family->type);
    }

    /// Pushes a body in the text format 0.0.4 into the group `key`: all of it or nothing.
    ///
    /// Fails with errc::syntax, or errc::invalid for a bad value, and `text format parsing error in line N: …`; with
    /// errc::too_large for a body of 4 GiB; and as the overload for families.
    result<> push(model::grouping_key const& key, push_mode mode, std::string_view text) {
        if (auto fault = fault_of(key); !fault) return fault;
        if (text.size() <= kept_text) return push_text(key, mode, text, scratch());
        // A huge body once must not cost its memory for ever.
        format::parsed_exposition parsed;
        return push_text(key, mode, text, parsed);
    }

    /// Pushes families, for instance a `format::families` over an array: all of them or nothing.
    ///
    /// Fails with errc::invalid for a key whose job is empty or whose names or values no exposition could show, and
    /// with errc::inconsistent for names that `gateway_options::names` does not admit and for what contradicts itself
    /// or what is stored; the latter sets the group's `push_failure_time_seconds`.
    template <format::family_source Source>
        requires(!std::convertible_to<Source, std::string_view>)
    result<> push(model::grouping_key const& key, push_mode mode, Source const& families) {
        if (auto fault = fault_of(key); !fault) return fault;
        return store_.push(key, mode, families, options_.names);
    }

    /// As above, for families in an array.
    result<> push(model::grouping_key const& key, push_mode mode, std::span<model::metric_family const> families) {
        return push(key, mode, format::families(families));
    }

    /// Drops a group; false if there was none.
    bool erase(model::grouping_key const& key) { return store_.erase(key); }

    /// Drops all groups.
    void wipe() { store_.wipe(); }

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
                                                           name_escaping escaping = name_escaping::allow_utf8) const {
        std::vector<own_family_text> own;
        if (scope != scrape_scope::pushed) own = own_.collect(store_.statistics().clashing_series, clock_.now());
        return {store_.scrape(), std::move(own), std::move(names), scope != scrape_scope::own, escaping};
    }

    /// The same in another format, which `writer` writes: a `metric_writer`.
    template <metric_writer Writer>
    [[nodiscard]] pushgateway::metric_pieces<Writer> metric_pieces(std::vector<std::string> names, scrape_scope scope,
                                                                   name_escaping escaping, Writer writer) const {
        std::vector<own_family_text> own;
        if (scope != scrape_scope::pushed) own = own_.collect(store_.statistics().clashing_series, clock_.now());
        // Without names beyond the legacy set there is nothing to escape.
        auto const needed = options_.names == name_scheme::legacy ? name_escaping::allow_utf8 : escaping;
        return {store_.scrape(), std::move(own),   std::move(names), scope != scrape_scope::own,
                needed,          std::move(writer)};
    }

    /// All groups at this moment.
    [[nodiscard]] store::group_snapshot groups() const { return store_.groups(); }

    /// How much is stored.
    [[nodiscard]] store::store_statistics statistics() const { return store_.statistics(); }

    /// True while the gateway works.
    [[nodiscard]] static bool healthy() noexcept { return true; }

    /// True when requests can be served.
    [[nodiscard]] static bool ready() noexcept { return true; }

    /// True if inconsistent pushes are refused.
    [[nodiscard]] bool checks_consistency() const noexcept { return store_.checks(); }

    /// Which names pushes may have.
    [[nodiscard]] name_scheme names() const noexcept { return options_.names; }

    [[nodiscard]] build_info const& build() const noexcept { return options_.build; }

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
        bool const utf8 = options_.names == name_scheme::utf8;
        auto read = format::text::parse(text, {utf8, options_.limits.labels_per_sample}, parsed);
        if (!read) return read;
        // The parser has judged the names.
        return store_.push(key, mode, parsed);
    }

    // One per thread, so that neither a lock nor an allocation stands between a body and its families.
    static format::parsed_exposition& scratch() {
        static thread_local format::parsed_exposition parsed;
        return parsed;
    }

    [[nodiscard]] result<> fault_of(model::grouping_key const& key) const {
        for (auto const& [name, value] : key.pairs()) {
            if (!is_label_name(name, options_.names) || name.starts_with("__")) {
                return fail(errc::invalid, "improper label name " + pushgateway::in_quotes(name));
            }
            if (!valid_utf8(value)) {
                return fail(errc::invalid, "the value of grouping label " + name +
                                               " is not valid UTF-8: " + pushgateway::in_quotes(value));
            }
        }
        if (key.job().empty()) return fail(errc::invalid, "job name is required");
        return {};
    }

    gateway_options options_;
    clock clock_;
    store::basic_store<Policies> store_;
    own_metrics own_;
};

/// The sensible choice: wall clock, pushes checked, any number of threads, nothing logged.
using gateway = basic_gateway<>;

}  // namespace pushgateway
