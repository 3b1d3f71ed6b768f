#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace metlog {

/// Base of a reference-counted object. Make it with new and hand it to Ref::adopt().
class Counted {
 public:
  Counted() = default;
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  void add_ref() const {
    count_.fetch_add(1, std::memory_order_relaxed);  // relaxed: the caller already owns a reference
  }
  /// True when that was the last reference.
  [[nodiscard]] bool drop_ref() const {
    // acq_rel: pairs with itself; the last owner sees what the others stored
    return count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }

 private:
  mutable std::atomic<std::uint32_t> count_{1};
};

/// An owning pointer to a Counted object, or null. Threads may share the object but not a Ref.
template <class T>
class Ref {
 public:
  Ref() = default;
  /// Takes over the reference that the caller owns.
  static Ref adopt(T* object) {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  /// Adds a reference.
  static Ref share(T* object) {
    if (object != nullptr) object->add_ref();
    return adopt(object);
  }
  Ref(const Ref& other) : Ref(share(other.object_)) {}
  Ref(Ref&& other) noexcept : object_(other.release()) {}
  Ref& operator=(Ref other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~Ref() {
    if (object_ != nullptr && object_->drop_ref()) delete object_;
  }

  /// Returns the pointer and gives its reference to the caller.
  [[nodiscard]] T* release() { return std::exchange(object_, nullptr); }
  [[nodiscard]] T* get() const { return object_; }
  T* operator->() const { return object_; }

 private:
  T* object_ = nullptr;
};

}  // namespace metlog
