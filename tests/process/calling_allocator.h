#pragma once

#include <atomic>

// The program's operator new, which calls something: guarded against recursion, and only for
// allocations of 64 bytes and more.

enum class Calls { kNever, kOnAllThreads, kOnOtherThreads };  // than main()'s

/// Where it calls.
extern std::atomic<Calls> g_allocator_calls;
/// What it calls; set before.
extern void (*g_call_in_allocator)();

/// Makes the allocator, its frees included, lock a mutex of its own.
extern std::atomic<bool> g_allocator_locks;
/// The threads that wait for that mutex.
extern std::atomic<int> g_waiting;

/// While one lives, its thread is inside the allocator and holds the mutex, if there is one.
class AllocatorLock {
 public:
  AllocatorLock();
  ~AllocatorLock();
  AllocatorLock(const AllocatorLock&) = delete;
  AllocatorLock& operator=(const AllocatorLock&) = delete;

 private:
  const bool is_locking_;
};
