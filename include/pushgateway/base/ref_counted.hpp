#pragma once

/// \file
/// Shared ownership with the count inside the object: one pointer per reference, one allocation per object.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace pushgateway {

template <class T>
class ref;

/// Base of an object that `ref`s own together. The count is atomic: references may be taken and dropped by any thread.
/// A `Derived` with a static member `destroy(Derived*) noexcept` is ended by that, any other by `delete`.
template <class Derived>
class ref_counted {
public:
    ref_counted() = default;
    ref_counted(ref_counted const&) = delete;
    ref_counted& operator=(ref_counted const&) = delete;

    /// True if there is one reference only. Whoever holds it, and gives nobody another meanwhile, may then change the
    /// object: what other holders did before they let go has happened.
    [[nodiscard]] bool unique() const noexcept { return references() == 1; }

    /// The number of references. Whoever knows where all of them are may change the object, as with `unique`.
    [[nodiscard]] std::uint32_t references() const noexcept { return references_.load(std::memory_order_acquire); }

protected:
    ~ref_counted() = default;

private:
    template <class>
    friend class ref;

    void acquire() const noexcept { references_.fetch_add(1, std::memory_order_relaxed); }

    /// True if this was the last reference.
    [[nodiscard]] bool release() const noexcept {
        return unique() || references_.fetch_sub(1, std::memory_order_acq_rel) == 1;
    }

    static void end(Derived* object) noexcept {
        if constexpr (requires { Derived::destroy(object); }) {
            Derived::destroy(object);
        } else {
            delete object;
        }
    }

    mutable std::atomic<std::uint32_t> references_{1};
};

/// A reference to a ref-counted object, or none.
template <class T>
class ref {
public:
    constexpr ref() noexcept = default;
    constexpr ref(std::nullptr_t) noexcept {}

    /// Takes over the reference that a new object is born with.
    [[nodiscard]] static ref adopt(T* object) noexcept {
        ref owner;
        owner.object_ = object;
        return owner;
    }

    /// A further reference to an object that somebody holds.
    [[nodiscard]] static ref share(T* object) noexcept {
        if (object != nullptr) object->acquire();
        return adopt(object);
    }

    ref(ref const& other) noexcept : object_(other.object_) {
        if (object_ != nullptr) object_->acquire();
    }
    ref(ref&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}

    template <class U>
        requires std::is_convertible_v<U*, T*>
    ref(ref<U> other) noexcept : object_(other.detach()) {}

    ref& operator=(ref other) noexcept {
        std::swap(object_, other.object_);
        return *this;
    }

    ~ref() {
        if (object_ != nullptr && object_->release()) T::end(const_cast<std::remove_const_t<T>*>(object_));
    }

    [[nodiscard]] T* get() const noexcept { return object_; }
    [[nodiscard]] T& operator*() const noexcept { return *object_; }
    [[nodiscard]] T* operator->() const noexcept { return object_; }
    [[nodiscard]] explicit operator bool() const noexcept { return object_ != nullptr; }

    /// Gives the reference away without dropping it.
    [[nodiscard]] T* detach() noexcept { return std::exchange(object_, nullptr); }

    friend bool operator==(ref const& a, ref const& b) noexcept { return a.object_ == b.object_; }

private:
    T* object_ = nullptr;
};

/// A new object and the first reference to it.
template <class T, class... Args>
[[nodiscard]] ref<T> make_ref(Args&&... args) {
    return ref<T>::adopt(new T(std::forward<Args>(args)...));
}

}  // namespace pushgateway
