#pragma once

/// \file
/// JSON patterns: exact, but for a member or element `"..."`, which allows more of them, and placeholders in strings.

#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "match.hpp"

namespace pushgateway::spec {

/// The elements of an array may come in any order.
inline bool match_json(boost::json::value const& pattern, boost::json::value const& actual, named_times& times) {
    namespace json = boost::json;
    if (auto const* p = pattern.if_string()) {
        if (*p == "<any>") return true;
        auto const* a = actual.if_string();
        return a != nullptr && match_line(std::string_view(*p), std::string_view(*a), times);
    }
    if (auto const* p = pattern.if_object()) {
        auto const* a = actual.if_object();
        if (a == nullptr) return false;
        bool const open = p->contains("...");
        if (!open && a->size() != p->size()) return false;
        for (auto const& [name, value] : *p) {
            if (name == "...") continue;
            auto const* member = a->if_contains(name);
            if (member == nullptr || !match_json(value, *member, times)) return false;
        }
        return true;
    }
    if (auto const* p = pattern.if_array()) {
        auto const* a = actual.if_array();
        if (a == nullptr) return false;
        std::vector<json::value const*> left;
        for (auto const& v : *a) left.push_back(&v);
        bool open = false;
        for (auto const& wanted : *p) {
            if (wanted.is_string() && wanted.get_string() == "...") {
                open = true;
                continue;
            }
            bool found = false;
            for (auto at = left.begin(); at != left.end() && !found; ++at) {
                auto attempt = times;
                if (!match_json(wanted, **at, attempt)) continue;
                times = std::move(attempt);
                left.erase(at);
                found = true;
                break;
            }
            if (!found) return false;
        }
        return open || left.empty();
    }
    return pattern == actual;
}

}  // namespace pushgateway::spec
