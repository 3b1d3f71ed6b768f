#pragma once

namespace metlog {

/// Order of one access to a Word. Spelled out at every use; there is no default.
enum class Order { kRelaxed, kAcquire, kRelease };

/// One machine word that threads, or processes over shared memory, hand to each other.
/// Trivial, so that it can lie in a zeroed mapping. Built on compiler builtins because <atomic>
/// costs a call site's translation unit a third of a second.
template <class T>
struct PlainAtomic {
  T value;

  [[nodiscard]] T load(Order order) const {
    return order == Order::kAcquire ? __atomic_load_n(&value, __ATOMIC_ACQUIRE)
                                    : __atomic_load_n(&value, __ATOMIC_RELAXED);
  }

  void store(T next, Order order) {
    if (order == Order::kRelease) {
      __atomic_store_n(&value, next, __ATOMIC_RELEASE);
    } else {
      __atomic_store_n(&value, next, __ATOMIC_RELAXED);
    }
  }

  /// Adds, and returns what was there. Relaxed: for counters that no other data hangs on.
  T add(T amount) { return __atomic_fetch_add(&value, amount, __ATOMIC_RELAXED); }
  /// Stores, and returns what was there. Relaxed, as add().
  T exchange(T next) { return __atomic_exchange_n(&value, next, __ATOMIC_RELAXED); }
  /// Stores `next` where `expected` is; false when there is something else. Relaxed, as add().
  bool replace(T expected, T next) {
    return __atomic_compare_exchange_n(&value, &expected, next, false, __ATOMIC_RELAXED,
                                       __ATOMIC_RELAXED);
  }

  /// For a counter that one thread alone stores: a load and a store, no locked instruction.
  void add_by_owner(T amount) {
    // relaxed: only this thread stores it, and no other data hangs on it
    store(static_cast<T>(load(Order::kRelaxed) + amount), Order::kRelaxed);
  }
};

}  // namespace metlog
