#pragma once

#include <atomic>
#include <cstdint>
#include <utility>

namespace metlog {

/// An object that lives as long as a Ref to it does. Made with new, by one Ref.
class Counted {
 public:
  Counted() = default;
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

  void add_ref() const {
    count_.fetch_add(1, std::memory_order_relaxed);  // relaxed: who adds one holds one
  }
  /// True when that was the last.
  [[nodiscard]] bool drop_ref() const {
    // acq_rel: the last one to drop it sees what the others did
    return count_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }

 private:
  mutable std::atomic<std::uint32_t> count_{1};
};

/// A share in a Counted object, or none. The object may be shared between threads, a Ref not.
template <class T>
class Ref {
 public:
  Ref() = default;
  /// Takes over the count that the caller holds.
  static Ref adopt(T* object) {
    Ref ref;
    ref.object_ = object;
    return ref;
  }
  /// Takes a count of its own.
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

  /// The plain pointer, whose count is the caller's from now on.
  [[nodiscard]] T* release() { return std::exchange(object_, nullptr); }
  [[nodiscard]] T* get() const { return object_; }
  T* operator->() const { return object_; }

 private:
  T* object_ = nullptr;
};

}  // namespace metlog
