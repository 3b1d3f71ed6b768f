#include "metlog/internal/base/own_thread.h"

#include <unistd.h>

#include <array>
#include <atomic>

namespace metlog {
namespace {

// A table, not names: a program may choose those, and have threads of the same. Of fixed size,
// because a thread that ends must not wait for the program's allocator. Its pages come when used.
constexpr std::size_t kSize = 8192;
constinit std::array<std::atomic<pid_t>, kSize> g_ids{};
// No mark is at this index or above it.
constinit std::atomic<std::size_t> g_end{0};

}  // namespace

OwnThread::OwnThread() : index_(0) {
  // relaxed, all here: who asks is another thread of ours that this thread's start came before, or
  // sees the mark at its next look
  for (pid_t none = 0; index_ < kSize; ++index_, none = 0) {
    if (!g_ids[index_].compare_exchange_strong(none, gettid(), std::memory_order_relaxed)) continue;
    std::size_t end = g_end.load(std::memory_order_relaxed);
    while (end <= index_ &&
           !g_end.compare_exchange_weak(end, index_ + 1, std::memory_order_relaxed)) {
    }
    return;
  }
}

OwnThread::~OwnThread() {
  // relaxed: see the constructor
  if (index_ < kSize) g_ids[index_].store(0, std::memory_order_relaxed);
}

bool OwnThread::is(pid_t id) {
  // relaxed, both: see the constructor
  const std::size_t end = g_end.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < end; ++i) {
    if (g_ids[i].load(std::memory_order_relaxed) == id) return true;
  }
  return false;
}

void OwnThread::forget_all() {
  // relaxed, all: the child has one thread yet, or those that wait for this one
  const std::size_t end = g_end.exchange(0, std::memory_order_relaxed);
  for (std::size_t i = 0; i < end; ++i) g_ids[i].store(0, std::memory_order_relaxed);
}

}  // namespace metlog
