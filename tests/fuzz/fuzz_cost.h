#pragma once

#include <sanitizer/allocator_interface.h>
#include <time.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>

namespace metlog {

/// What a fuzzed input may cost: a second of the processor's time, and in memory four times its
/// bytes and `extra_bytes`. Ends the process otherwise. Counts what this thread allocates while it
/// lives; one at a time.
class FuzzCost {
 public:
  FuzzCost(std::size_t input_bytes, std::size_t extra_bytes)
      : limit_(4 * input_bytes + extra_bytes), started_(cpu_seconds()) {
    static const int kInstalled = __sanitizer_install_malloc_and_free_hooks(on_malloc, on_free);
    (void)kInstalled;
    state_ = {0, 0, true};
  }
  ~FuzzCost() {
    state_.is_on = false;
    const double seconds = cpu_seconds() - started_;
    if (state_.peak > static_cast<std::ptrdiff_t>(limit_)) {
      std::fprintf(stderr, "the input took %td bytes, and may take %zu\n", state_.peak, limit_);
      std::abort();
    }
    if (seconds > 1) {
      std::fprintf(stderr, "the input took %.2f s, and may take 1\n", seconds);
      std::abort();
    }
  }
  FuzzCost(const FuzzCost&) = delete;
  FuzzCost& operator=(const FuzzCost&) = delete;

 private:
  struct State {
    std::ptrdiff_t bytes;
    std::ptrdiff_t peak;
    bool is_on;
  };
  static inline thread_local State state_{};

  static void on_malloc(const volatile void*, std::size_t size) {
    if (!state_.is_on) return;
    state_.bytes += static_cast<std::ptrdiff_t>(size);
    state_.peak = std::max(state_.peak, state_.bytes);
  }
  static void on_free(const volatile void* memory) {
    if (!state_.is_on || memory == nullptr) return;
    // const: the interface only takes what may be written
    void* const block = const_cast<void*>(memory);
    state_.bytes -= static_cast<std::ptrdiff_t>(__sanitizer_get_allocated_size(block));
  }
  static double cpu_seconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
  }

  const std::size_t limit_;
  const double started_;
};

}  // namespace metlog
