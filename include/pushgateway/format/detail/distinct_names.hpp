#pragma once

/// \file
/// Finding a label name that is given twice.

#include <cstddef>
#include <string_view>

#include <boost/unordered/unordered_flat_set.hpp>

#include <pushgateway/format/detail/same_text.hpp>
#include <pushgateway/format/detail/text_hash.hpp>
#include <pushgateway/model/label.hpp>

namespace pushgateway::format::detail {

/// The names of one label set in the making, which is kept elsewhere.
class distinct_names {
public:
    /// Begins another label set.
    void clear() {
        if (!many_.empty()) many_.clear();
    }

    /// True if one of the labels `given` so far has this name.
    [[nodiscard]] bool contains(model::labels given, std::string_view name) {
        if (given.size() > few) [[unlikely]]
            return contains_among_many(given, name);
        for (auto const& l : given) {
            if (same_text(l.name, name)) return true;
        }
        return false;
    }

private:
    /// Up to here, comparing with every label is the quickest way.
    static constexpr std::size_t few = 16;

    [[nodiscard]] bool contains_among_many(model::labels given, std::string_view name) {
        if (many_.size() != given.size()) {
            many_.clear();
            for (auto const& l : given) many_.insert(l.name);
        }
        return !many_.insert(name).second;
    }

    boost::unordered_flat_set<std::string_view, text_hash> many_;
};

}  // namespace pushgateway::format::detail
