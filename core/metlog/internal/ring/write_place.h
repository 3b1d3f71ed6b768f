#pragma once

#include <cstdint>

namespace metlog {

/// A writer's place in its ring: the address of the next cell, and whether it is inside a record.
/// Both are one word, and each step is one instruction or restarted as a whole, so that a signal
/// handler of the same thread comes before it or after it:
///
///   next                 take()    next + kTaken     the record is being written
///   next + kTaken        step(n)   next + n          it is published, or n = 0: given up
///
/// What is taken looks like more in use than any ring has. So the call of a handler that has
/// interrupted another one fails where a call in a full ring does, and costs that one no
/// instruction. Stored by one thread, whose other stores of a record come between the two steps;
/// zero is valid.
class WritePlace {
 public:
  /// More than the bytes of any ring, twice. It fits the immediate operand of an instruction.
  static constexpr std::uintptr_t kTaken = std::uintptr_t{1} << 31;

  /// Adds kTaken; returns what the word was.
  std::uintptr_t take() { return add(kTaken); }
  /// Subtracts kTaken and adds `bytes`.
  void step(std::uintptr_t bytes) {
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
    // Releases, as each store of this processor does.
    __asm__ volatile("addq %1, %0" : "+m"(word_) : "er"(bytes - kTaken) : "memory", "cc");
#else
    (void)add(bytes - kTaken);
#endif
  }
  [[nodiscard]] std::uintptr_t word() const { return word_; }
  /// Returns word() for another thread, which may see an older one.
  [[nodiscard]] std::uintptr_t glimpse() const {
    // acquire: pairs with step() and set(); what is seen as given back has been published
    return __atomic_load_n(&word_, __ATOMIC_ACQUIRE);
  }
  void set(std::uintptr_t word) {
    __atomic_store_n(&word_, word, __ATOMIC_RELEASE);  // pairs with glimpse()
  }

 private:
  std::uintptr_t add(std::uintptr_t amount) {
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
    __asm__ volatile("xaddq %0, %1" : "+r"(amount), "+m"(word_) : : "memory", "cc");
    return amount;
#else
    // release: pairs with glimpse(). The fences are for handlers of this thread. A pair of a load
    // and a store for the processor's monitor, which an interruption clears, is restarted.
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    const std::uintptr_t before = __atomic_fetch_add(&word_, amount, __ATOMIC_RELEASE);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    return before;
#endif
  }

  std::uintptr_t word_ = 0;
};

}  // namespace metlog
