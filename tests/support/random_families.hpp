#pragma once

/// \file
/// What all random families are made of: choices, names, texts, and the memory that they refer to.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <pushgateway/model/label.hpp>
#include <pushgateway/model/metric_family.hpp>

namespace pushgateway::test {

/// Families with everything that they refer to. Who derives from it makes them, from `seed` alone.
class random_families {
public:
    random_families(random_families const&) = delete;
    random_families& operator=(random_families const&) = delete;

    [[nodiscard]] std::span<model::metric_family const> all() const noexcept { return families_; }

protected:
    /// `utf8` adds names beyond the legacy set. `characters`: what texts are made of.
    random_families(std::uint64_t seed, bool utf8, std::span<std::string_view const> characters)
        : random_(seed), utf8_(utf8), characters_(characters) {}
    ~random_families() = default;

    std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_); }
    bool one_in(std::size_t n) { return below(n) == 0; }
    std::uint64_t bits() { return random_(); }

    std::string_view keep(std::string text) { return strings_.emplace_back(std::move(text)); }

    std::string characters(std::size_t most) {
        std::string text;
        for (auto left = below(most + 1); left != 0; --left) text += characters_[below(characters_.size())];
        return text;
    }

    std::string name(std::string_view stem, std::size_t number) {
        auto text = std::string(stem) + std::to_string(number);
        if (utf8_ && one_in(3)) text += '.' + characters(4);
        std::erase(text, '\0');  // which may be in no name
        return text;
    }

    [[nodiscard]] bool utf8() const noexcept { return utf8_; }

    /// A few labels, at times many, in any order. `id` comes with them unless it is empty. `stem()`: how the name of a
    /// label begins.
    template <class Stem>
    model::labels labels(std::string id, Stem&& stem) {
        auto& own = labels_.emplace_back();
        if (!id.empty()) own.push_back({"id", keep(std::move(id))});
        for (std::size_t i = 0, many = one_in(30) ? 40 : below(4); i < many; ++i) {
            own.push_back({keep(name(stem(), i)), keep(characters(8))});
        }
        std::ranges::shuffle(own, random_);
        return own;
    }

    std::deque<std::vector<model::label>> labels_;
    std::vector<model::metric_family> families_;

private:
    std::mt19937_64 random_;
    bool utf8_;
    std::span<std::string_view const> characters_;
    std::deque<std::string> strings_;
};

}  // namespace pushgateway::test
