#pragma once

#include <fcntl.h>
#include <malloc.h>
#include <setjmp.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <exception>
#include <string>

// The faults and the ends of crashing_program, each in a function of its own, whose address tells
// where it was.

/// The file that the program logs to.
inline std::string g_file;

inline volatile int g_zero = 0;
inline int* volatile g_null = nullptr;

// Where a thread goes on that tries an address; null while none is tried.
inline thread_local sigjmp_buf* t_probe = nullptr;

[[gnu::noinline]] inline void write_to_null() { *g_null = 1; }
[[gnu::noinline]] inline void write_wild() { *reinterpret_cast<volatile int*>(0x123456789000) = 1; }
[[gnu::noinline]] inline void write_not_canonical() {
  *reinterpret_cast<volatile int*>(0xdead123456789000) = 1;
}
[[gnu::noinline]] inline void call_null() {
  auto* volatile function = reinterpret_cast<void (*)()>(g_null);
  function();
  g_zero = 0;
}
[[gnu::noinline]] inline void call_data() {
  static int data[16];
  auto* volatile function = reinterpret_cast<void (*)()>(data);
  function();
  g_zero = 0;
}
[[gnu::noinline]] inline void execute_nothing() { __builtin_trap(); }
[[gnu::noinline]] inline void divide() { g_zero = 7 / g_zero; }
[[gnu::noinline]] inline void trap() {
#if defined(__x86_64__)
  __asm__ volatile("int3");
#else
  raise(SIGTRAP);
#endif
  g_zero = 0;
}
[[gnu::noinline]] inline void call_abort() { std::abort(); }
[[gnu::noinline]] inline void read_past_the_end() {
  const int fd = open((g_file + ".mapped").c_str(), O_RDWR | O_CREAT, 0600);
  auto* const mapped =
      static_cast<volatile char*>(mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  mapped[4096] = 1;
}
[[gnu::noinline]] inline int recur(int depth) {
  volatile char frame[512];
  frame[0] = static_cast<char>(depth);
  return depth < 0 ? 0 : recur(depth + 1) + frame[0];
}
[[gnu::noinline]] inline void overflow() { recur(0); }
[[gnu::noinline]] inline void break_malloc() {
  // Writes over the size of the heap's last chunk: the next malloc() aborts, its lock held.
  void* const bytes = std::malloc(100'000);
  char* volatile end = static_cast<char*>(bytes) + malloc_usable_size(bytes);
  std::memset(end, 0x7e, 16);
  void* volatile more = std::malloc(110'000);
  (void)more;
}
[[gnu::noinline]] inline void terminate() { std::terminate(); }
[[gnu::noinline]] inline void exit_at_once() { _exit(0); }
[[gnu::noinline]] inline void kill_itself() { kill(getpid(), SIGSEGV); }
[[gnu::noinline]] inline void break_stack() {
#if defined(__x86_64__)
  __asm__ volatile("mov $0x10, %rbp; mov $0x18, %rsp; movl $1, 0");
#endif
}
