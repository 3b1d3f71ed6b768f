#pragma once

#include <cstdint>

namespace metlog {

/// Where the writer of a ring is: the address of its next cell, and whether it is inside a record.
/// Both are one word, and each step is one instruction or restarted as a whole, so that a signal
/// handler of the same thread comes before it or after it:
///
///   next                 take()    next + kTaken     the record is being written
///   next + kTaken        step(n)   next + n          it is published, or n = 0: given up
///
/// What is taken looks like more in use than any ring has. So the call of a handler that has
/// interrupted another one fails where a call in a full ring does, and costs that one no
/// instruction. Stored by one thread; zero is valid.
class WritePlace {
 public:
  /// More than the bytes of any ring, twice. It fits the immediate operand of an instruction.
  static constexpr std::uintptr_t kTaken = std::uintptr_t{1} << 31;

  /// Adds kTaken; returns what the word was.
  std::uintptr_t take() { return add(kTaken); }
  /// Takes kTaken away and goes on by `bytes`. Everything stored before comes before it.
  void step(std::uintptr_t bytes) {
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
    __asm__ volatile("addq %1, %0" : "+m"(word_) : "er"(bytes - kTaken) : "memory", "cc");
#else
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    (void)add(bytes - kTaken);
#endif
  }
  [[nodiscard]] std::uintptr_t word() const { return word_; }
  /// The same for another thread, which may see an older one.
  [[nodiscard]] std::uintptr_t glimpse() const {
    return __atomic_load_n(&word_, __ATOMIC_RELAXED);  // relaxed: a hint
  }
  void set(std::uintptr_t word) {
    __atomic_store_n(&word_, word, __ATOMIC_RELAXED);  // relaxed: for glimpse()
  }

 private:
  std::uintptr_t add(std::uintptr_t amount) {
#if defined(__x86_64__) && !defined(__SANITIZE_THREAD__)
    __asm__ volatile("xaddq %0, %1" : "+r"(amount), "+m"(word_) : : "memory", "cc");
    return amount;
#else
    // relaxed: other threads only glimpse; the fence is for handlers of this one. A pair of a load
    // and a store for the processor's monitor, which an interruption clears, is restarted.
    const std::uintptr_t before = __atomic_fetch_add(&word_, amount, __ATOMIC_RELAXED);
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
    return before;
#endif
  }

  std::uintptr_t word_ = 0;
};

}  // namespace metlog
