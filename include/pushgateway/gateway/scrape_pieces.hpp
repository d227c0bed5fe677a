#pragma once

/// \file
/// One exposition from what was pushed and the gateway's own metrics, handed out piece by piece.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/format/text/write.hpp>
#include <pushgateway/gateway/own_family.hpp>
#include <pushgateway/store/exposition_snapshot.hpp>

namespace pushgateway {

/// What an exposition shows.
enum class scrape_scope : std::uint8_t {
    everything,
    pushed,  ///< what was pushed
    own,     ///< the gateway's own metrics
};

/// The exposition at the moment when it was made, in the text format: families sorted by name, pushed series under the
/// header of an own family of the same name. Pages are rendered as they are reached, so that it never lies in memory as
/// a whole. For one thread at a time.
class scrape_pieces {
    [[nodiscard]] auto pushed_family() const { return pushed_.families()[static_cast<std::ptrdiff_t>(next_pushed_)]; }

public:
    /// `own`: sorted by name. `names`: only these families, all if there is none. Without `with_pushed`, `own` alone.
    scrape_pieces(store::exposition_snapshot pushed, std::vector<own_family_text> own, std::vector<std::string> names,
                  bool with_pushed = true)
        : pushed_(std::move(pushed)),
          own_(std::move(own)),
          names_(std::move(names)),
          next_pushed_(with_pushed ? 0 : pushed_.family_count()) {
        std::ranges::sort(names_);
    }

    /// Replaces `out` by the next piece, some tens of kilobytes; false when there is none left.
    bool next(std::string& out) {
        out.clear();
        while (out.size() < piece_size && (page_ != 0 || begin_family(out))) {
            auto const pages = pushed_family().pages();
            if (page_ <= pages.size()) {
                out += pages[static_cast<std::ptrdiff_t>(page_++ - 1)].text();
            } else {
                page_ = 0;
                ++next_pushed_;
            }
        }
        return !out.empty();
    }

private:
    static constexpr std::size_t piece_size = 32 * 1024;

    // Writes a header and what is the gateway's own, and leaves `page_` at the first page of a pushed family. False if
    // there is no family left.
    bool begin_family(std::string& out) {
        while (page_ == 0) {
            bool const pushed_left = next_pushed_ != pushed_.family_count();
            bool const own_left = next_own_ != own_.size();
            if (!pushed_left && !own_left) return false;
            auto const pushed_name = pushed_left ? pushed_family().name() : std::string_view();
            auto const own_name = own_left ? own_[next_own_].family->name : std::string_view();
            bool const take_pushed = pushed_left && (!own_left || pushed_name <= own_name);
            bool const take_own = own_left && (!pushed_left || own_name <= pushed_name);
            bool const shown = wanted(take_own ? own_name : pushed_name);
            if (shown && take_own) {
                auto const& own = own_[next_own_];
                format::text::append_header(out, own_name, own.family->help, own.family->type);
                out += own.lines;
            } else if (shown) {
                out += pushed_family().header();
            }
            if (take_own) ++next_own_;
            if (take_pushed && shown) page_ = 1;
            if (take_pushed && !shown) ++next_pushed_;
        }
        return true;
    }

    [[nodiscard]] bool wanted(std::string_view name) const {
        return names_.empty() || std::ranges::binary_search(names_, name, std::ranges::less{});
    }

    store::exposition_snapshot pushed_;
    std::vector<own_family_text> own_;
    std::vector<std::string> names_;
    std::size_t next_pushed_;
    std::size_t next_own_ = 0;
    std::size_t page_ = 0;  // the number of the next page of the family at next_pushed_; 0: its header comes first
};

}  // namespace pushgateway
