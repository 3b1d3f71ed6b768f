#include "tests/process/calling_allocator.h"

#include <cstdlib>
#include <mutex>
#include <new>
#include <thread>

constinit std::atomic<Calls> g_allocator_calls{Calls::kNever};
void (*g_call_in_allocator)() = nullptr;
constinit std::atomic<bool> g_allocator_locks{false};
constinit std::atomic<int> g_waiting{0};

namespace {

std::recursive_mutex g_mutex;
const std::thread::id g_main = std::this_thread::get_id();
thread_local bool t_is_allocating = false;

void* allocate(std::size_t size) {
  const AllocatorLock lock;
  const Calls calls = g_allocator_calls;
  if (calls != Calls::kNever && size >= 64 && !t_is_allocating &&
      (calls == Calls::kOnAllThreads || std::this_thread::get_id() != g_main)) {
    t_is_allocating = true;
    g_call_in_allocator();
    t_is_allocating = false;
  }
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}

void release(void* memory) {
  const AllocatorLock lock;
  std::free(memory);
}

}  // namespace

AllocatorLock::AllocatorLock() : is_locking_(g_allocator_locks) {
  if (!is_locking_) return;
  g_waiting.fetch_add(1);
  g_mutex.lock();
  g_waiting.fetch_sub(1);
}

AllocatorLock::~AllocatorLock() {
  if (is_locking_) g_mutex.unlock();
}

void* operator new(std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return std::malloc(size); }
void operator delete(void* memory) noexcept { release(memory); }
void operator delete(void* memory, std::size_t) noexcept { release(memory); }
