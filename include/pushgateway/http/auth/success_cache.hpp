#pragma once

/// \file
/// Remembers which passwords were right, so that each is tried once and not for every request.

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <mutex>
#include <string_view>
#include <utility>

#include <boost/unordered/unordered_flat_set.hpp>

#include <pushgateway/http/auth/digest.hpp>

namespace pushgateway::http {

/// A bounded set of successes. Neither passwords nor hashes are kept, but a digest over the lengths and bytes of user,
/// hash and password, under a secret of this process: nobody can find other credentials that look the same, and
/// whoever changes a hash withdraws what was remembered for it. Failures are not remembered. Any thread may use it.
class success_cache {
public:
    /// What stands for one success.
    using key = digest;

    /// Keeps the `capacity` successes used last, at least half of it.
    explicit success_cache(std::size_t capacity = 4096) : half_(std::max<std::size_t>(1, capacity / 2)) {}

    [[nodiscard]] key key_of(std::string_view user, std::string_view hash, std::string_view password) const {
        return secret_({user, hash, password});
    }

    [[nodiscard]] bool contains(key const& k) {
        std::lock_guard const guard(mutex_);
        if (young_.contains(k)) return true;
        if (old_.erase(k) == 0) return false;
        add(k);
        return true;
    }

    void insert(key const& k) {
        std::lock_guard const guard(mutex_);
        add(k);
    }

    /// How many successes are remembered.
    [[nodiscard]] std::size_t size() const {
        std::lock_guard const guard(mutex_);
        return young_.size() + old_.size();
    }

private:
    struct first_bytes {
        // The bytes are as good as random.
        std::size_t operator()(key const& k) const noexcept {
            std::size_t out = 0;
            std::memcpy(&out, k.data(), sizeof out);
            return out;
        }
    };
    using set = boost::unordered_flat_set<key, first_bytes>;

    // Two generations: what was not used while the younger one filled up is forgotten.
    void add(key const& k) {
        if (young_.size() >= half_) {
            old_ = std::exchange(young_, set());
        }
        young_.insert(k);
    }

    keyed_digest secret_;
    std::size_t half_;
    mutable std::mutex mutex_;
    set young_;
    set old_;
};

}  // namespace pushgateway::http
