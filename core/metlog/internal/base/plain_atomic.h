#pragma once

namespace metlog {

/// Memory order of one access to a PlainAtomic. Every use names it; there is no default.
enum class Order { kRelaxed, kAcquire, kRelease };

/// One machine word that threads share, or processes through shared memory. Trivial, so that it can
/// be part of a zeroed mapping. Uses compiler builtins because <atomic> costs the translation unit
/// of a call site a third of a second.
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

  /// Adds and returns the previous value. Relaxed: for counters on which no other data depends.
  T add(T amount) { return __atomic_fetch_add(&value, amount, __ATOMIC_RELAXED); }
  /// Stores and returns the previous value. Relaxed, as add().
  T exchange(T next) { return __atomic_exchange_n(&value, next, __ATOMIC_RELAXED); }
  /// Stores `next` if the value is `expected`; false when it is not. Relaxed, as add().
  bool replace(T expected, T next) {
    return __atomic_compare_exchange_n(&value, &expected, next, false, __ATOMIC_RELAXED,
                                       __ATOMIC_RELAXED);
  }

  /// Adds to a counter that only the calling thread stores: no locked instruction. On x86-64 it is
  /// one instruction, so that what a signal handler adds meanwhile counts, too.
  void add_by_owner(T amount) {
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
    if constexpr (sizeof(T) == 8) {
      __asm__("addq %1, %0" : "+m"(value) : "er"(amount) : "cc");
      return;
    }
#endif
    // relaxed: only this thread stores it
    // release: who sees the count sees what came before, as on x86-64 for each store
    store(static_cast<T>(load(Order::kRelaxed) + amount), Order::kRelease);
  }
};

}  // namespace metlog
