#include "metlog/internal/base/alternate_stack.h"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>

namespace metlog {
namespace {

// Enough for the registers of any processor (SIGSTKSZ is 8 KiB), an unwinder, and a handler of the
// program that prints.
constexpr std::size_t kStackBytes = std::size_t{64} << 10;

constinit std::atomic<bool> g_wanted{false};
// The mapping of the thread's stack. initial-exec: no memory is allocated for it.
[[gnu::tls_model("initial-exec")]] constinit thread_local std::byte* t_mapping = nullptr;

std::size_t guard_bytes() { return static_cast<std::size_t>(sysconf(_SC_PAGESIZE)); }

bool has_one() {
  stack_t present{};
  return sigaltstack(nullptr, &present) != 0 || (present.ss_flags & SS_DISABLE) == 0;
}

}  // namespace

void AlternateStack::want() {
  g_wanted.store(true, std::memory_order_relaxed);  // relaxed: a switch
}

void AlternateStack::give_to_thread() {
  // relaxed: a switch
  if (!g_wanted.load(std::memory_order_relaxed) || t_mapping != nullptr || has_one()) return;
  const std::size_t guard = guard_bytes();
  void* const mapped = mmap(nullptr, guard + kStackBytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
  if (mapped == MAP_FAILED) return;
  auto* const mapping = static_cast<std::byte*>(mapped);
  mprotect(mapped, guard, PROT_NONE);
  stack_t own{};
  own.ss_sp = mapping + guard;
  own.ss_size = kStackBytes;
  if (sigaltstack(&own, nullptr) == 0) {
    t_mapping = mapping;
  } else {
    munmap(mapped, guard + kStackBytes);
  }
}

void AlternateStack::take_from_thread() {
  if (t_mapping == nullptr) return;
  std::byte* const mapping = t_mapping;
  t_mapping = nullptr;
  const std::size_t guard = guard_bytes();
  stack_t present{};
  if (sigaltstack(nullptr, &present) == 0 && present.ss_sp == mapping + guard) {
    stack_t none{};
    none.ss_flags = SS_DISABLE;
    if (sigaltstack(&none, nullptr) != 0) return;  // the thread is on it
  }
  munmap(mapping, guard + kStackBytes);
}

}  // namespace metlog
