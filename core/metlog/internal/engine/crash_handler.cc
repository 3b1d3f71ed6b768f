#include "metlog/internal/engine/crash_handler.h"

#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <time.h>
#include <ucontext.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <iterator>
#include <mutex>

#include "metlog/internal/base/alternate_stack.h"
#include "metlog/internal/base/own_thread.h"
#include "metlog/internal/emit/flusher_wakeup.h"
#include "metlog/internal/engine/crash_record.h"

namespace metlog {
namespace {

constexpr int kSignals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};

// What was installed before; stored once, before ours.
std::array<struct sigaction, std::size(kSignals)> g_earlier;
std::terminate_handler g_earlier_terminate = nullptr;

constinit std::atomic<CrashSlot*> g_slot{nullptr};
constinit std::atomic<pid_t> g_pid{0};  // the process whose slot it is
constinit std::atomic<std::int64_t> g_drain_limit_ns{0};

// Crashes are numbered: how many there have been, the one whose thread waits until all is sent, 0
// for none, and the last one for which that was so. Waits only while there are CrashDrains.
constinit std::atomic<std::uint64_t> g_crashes{0};
constinit std::atomic<std::uint64_t> g_waiting{0};
constinit std::atomic<std::uint64_t> g_drained{0};
constinit std::atomic<int> g_drains{0};

// The crash that is being handled: its thread, 0 for none, negative inside the program's earlier
// handler, which may never return, so that other threads do not wait for it; and for a crash inside
// the handler what the thread is to die of, and where the handler's frame is.
constinit std::atomic<pid_t> g_thread{0};
constinit volatile int g_signal = 0;
siginfo_t g_info;
constinit std::atomic<std::uintptr_t> g_frame{0};

pid_t thread_id() { return static_cast<pid_t>(syscall(SYS_gettid)); }

const struct sigaction& earlier_of(int signal) {
  std::size_t i = 0;
  while (kSignals[i] != signal) ++i;
  return g_earlier[i];
}

bool is_function(const struct sigaction& action) {
  return action.sa_handler != SIG_DFL && action.sa_handler != SIG_IGN;
}

// Blocked until the handler returns to `context`, where it is delivered. Where the system refuses
// that, a fault comes again by itself.
void die_of(int signal, siginfo_t& info, ucontext_t& context) {
  struct sigaction usual {};
  usual.sa_handler = SIG_DFL;
  sigaction(signal, &usual, nullptr);
  sigset_t one;
  sigemptyset(&one);
  sigaddset(&one, signal);
  pthread_sigmask(SIG_BLOCK, &one, nullptr);
  sigdelset(&context.uc_sigmask, signal);
  if (syscall(SYS_rt_tgsigqueueinfo, getpid(), thread_id(), signal, &info) == 0) return;
  syscall(SYS_tgkill, getpid(), thread_id(), signal);
}

void call_earlier(int signal, siginfo_t* info, void* context) {
  const struct sigaction& earlier = earlier_of(signal);
  if (!is_function(earlier)) return;
  sigset_t mask = earlier.sa_mask;
  if ((earlier.sa_flags & SA_NODEFER) == 0) sigaddset(&mask, signal);
  sigset_t before;
  pthread_sigmask(SIG_BLOCK, &mask, &before);
  if ((earlier.sa_flags & SA_SIGINFO) != 0) {
    earlier.sa_sigaction(signal, info, context);
  } else {
    earlier.sa_handler(signal);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

void nap() {
  constexpr timespec kMillisecond{0, 1'000'000};
  nanosleep(&kMillisecond, nullptr);
}

std::int64_t now_ns() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
}

void wait_for_drain() {
  const std::int64_t limit = g_drain_limit_ns.load(std::memory_order_relaxed);  // relaxed: a number
  if (limit == 0 || FlusherThread::is_here() || OwnThread::is(thread_id())) return;
  const std::int64_t end = now_ns() + limit;
  const std::uint64_t crash = g_crashes.load(std::memory_order_relaxed);  // relaxed: of this thread
  g_waiting.store(crash, std::memory_order_release);                      // pairs with waiting()
  // acquire: pairs with end_waiting(). relaxed: a switch
  while (g_drained.load(std::memory_order_acquire) < crash &&
         g_drains.load(std::memory_order_relaxed) > 0 && now_ns() < end) {
    wake_flusher();
    nap();
  }
  g_waiting.store(0, std::memory_order_relaxed);  // relaxed: a switch
}

// Waits while another thread handles its crash, of which the process dies. True when that thread
// has called its earlier handler, which may jump away, or goes on, since the signal is ignored.
bool wait_for_other() {
  constexpr std::int64_t kOthersNs = 10'000'000'000;
  const std::int64_t end =
      now_ns() + kOthersNs + g_drain_limit_ns.load(std::memory_order_relaxed);  // relaxed: a number
  while (now_ns() < end) {
    if (g_thread.load(std::memory_order_acquire) <= 0) return true;  // pairs with end_crash()
    nap();
  }
  return false;
}

void end_crash() { g_thread.store(0, std::memory_order_release); }

enum class Turn : std::uint8_t { kMine, kNested, kNever };

// Lets one thread at a time handle a crash. `sp` is where the signal came.
Turn take_turn(std::uintptr_t sp) {
  const pid_t self = thread_id();
  for (;;) {
    pid_t present = g_thread.load(std::memory_order_acquire);  // pairs with end_crash()
    const bool was_mine = present == self || present == -self;
    // acq_rel: pairs with end_crash(), and with that of another thread
    if ((was_mine || present <= 0) &&
        !g_thread.compare_exchange_strong(present, self, std::memory_order_acq_rel)) {
      continue;
    }
    if (was_mine) {
      // relaxed: stored by this thread. Not below the handler's frame: the earlier handler has
      // jumped out of it, and this is another crash.
      const std::uintptr_t depth = g_frame.load(std::memory_order_relaxed) - sp;
      return depth < (std::uintptr_t{64} << 10) ? Turn::kNested : Turn::kMine;
    }
    if (present <= 0) return Turn::kMine;
    if (!wait_for_other()) return Turn::kNever;
  }
}

void store(int signal, const siginfo_t& info, ucontext_t& context) {
  // acquire: pairs with install()
  CrashSlot* const slot = g_slot.load(std::memory_order_acquire);
  if (slot != nullptr) CrashRecord::store_signal(*slot, signal, info, context);
}

// Calls the earlier handler, during which other threads may handle their crashes. When one has done
// so, this crash is stored again: the process dies of it.
void call_earlier_alone(int signal, siginfo_t& info, ucontext_t& context) {
  const pid_t self = thread_id();
  // release, and acq_rel: pair with take_turn()
  if (is_function(earlier_of(signal))) g_thread.store(-self, std::memory_order_release);
  call_earlier(signal, &info, &context);
  pid_t mine = -self;
  if (g_thread.compare_exchange_strong(mine, self, std::memory_order_acq_rel) || mine == self) {
    return;
  }
  if (take_turn(CrashRecord::stack_pointer(context)) == Turn::kMine) store(signal, info, context);
}

// Sent to a process that ignores it; what is a fault cannot be ignored.
bool is_ignored(int signal, const siginfo_t& info) {
  return info.si_code <= 0 && earlier_of(signal).sa_handler == SIG_IGN;
}

void handle(int signal, siginfo_t& info, ucontext_t& context) {
  // acquire: pairs with install()
  if (getpid() != g_pid.load(std::memory_order_acquire)) {
    if (is_ignored(signal, info)) return;
    call_earlier(signal, &info, &context);
    return die_of(signal, info, context);
  }
  CrashRecord::end_walk_that_faulted();
  switch (take_turn(CrashRecord::stack_pointer(context))) {
    case Turn::kNested:
      return die_of(g_signal, g_info, context);
    case Turn::kNever:
      return die_of(signal, info, context);
    case Turn::kMine:
      break;
  }
  g_crashes.fetch_add(1, std::memory_order_relaxed);  // relaxed: while this thread has its turn
  g_signal = signal;
  g_info = info;
  // relaxed: for this thread
  g_frame.store(reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0)),
                std::memory_order_relaxed);
  store(signal, info, context);
  // abort() ends the process after it, all the same.
  if (is_ignored(signal, info)) return end_crash();
  wait_for_drain();
  call_earlier_alone(signal, info, context);
  die_of(signal, info, context);
}

void on_signal(int signal, siginfo_t* info, void* context) {
  const int error = errno;
  handle(signal, *info, *static_cast<ucontext_t*>(context));
  errno = error;
}

[[noreturn]] void on_terminate() {
  // acquire: pairs with install()
  CrashSlot* const slot = g_slot.load(std::memory_order_acquire);
  if (slot != nullptr && getpid() == g_pid.load(std::memory_order_acquire)) {
    pid_t present = g_thread.load(std::memory_order_relaxed);  // relaxed: looked at below
    // acq_rel: pairs with end_crash(). When another thread crashes, its record stays.
    if (present <= 0 && present != -thread_id() &&
        g_thread.compare_exchange_strong(present, thread_id(), std::memory_order_acq_rel)) {
      g_frame.store(0, std::memory_order_relaxed);  // relaxed: for this thread
      CrashRecord::store_terminate(*slot);
      end_crash();
    }
  }
  g_earlier_terminate();
  std::abort();
}

void install_once() {
  AlternateStack::want();
  CrashRecord::prepare();
  struct sigaction action {};
  action.sa_sigaction = &on_signal;
  // None blocked, so that a crash inside the handler comes here, too.
  action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
  sigemptyset(&action.sa_mask);
  for (std::size_t i = 0; i < std::size(kSignals); ++i) {
    sigaction(kSignals[i], nullptr, &g_earlier[i]);
    sigaction(kSignals[i], &action, nullptr);
  }
  g_earlier_terminate = std::get_terminate();
  std::set_terminate(&on_terminate);
}

}  // namespace

void CrashHandler::install(const Session* session, std::chrono::nanoseconds drain_limit) {
  static std::once_flag installed;
  // relaxed, all: a forked child has none of the threads yet that crashed, wait or answer
  if (getpid() != g_pid.load(std::memory_order_relaxed)) {
    g_thread.store(0, std::memory_order_relaxed);
    g_waiting.store(0, std::memory_order_relaxed);
    g_drains.store(0, std::memory_order_relaxed);
  }
  g_drain_limit_ns.store(drain_limit.count(), std::memory_order_relaxed);  // relaxed: a number
  // release, both: pair with the acquires in the handler
  g_slot.store(session != nullptr ? session->crash_slot() : nullptr, std::memory_order_release);
  g_pid.store(getpid(), std::memory_order_release);
  std::call_once(installed, &install_once);
  AlternateStack::give_to_thread();
}

void CrashHandler::forget(const Session* session) {
  CrashSlot* slot = session != nullptr ? session->crash_slot() : nullptr;
  if (slot == nullptr) return;
  // relaxed: the memory goes with the thread that calls this
  g_slot.compare_exchange_strong(slot, nullptr, std::memory_order_relaxed);
}

void CrashHandler::add_drain(int count) {
  g_drains.fetch_add(count, std::memory_order_relaxed);  // relaxed: a switch
}

std::uint64_t CrashHandler::waiting() {
  // acquire: pairs with wait_for_drain(); what the crashed thread has logged is visible
  return g_waiting.load(std::memory_order_acquire);
}

void CrashHandler::end_waiting(std::uint64_t crash) {
  g_drained.store(crash, std::memory_order_release);  // pairs with wait_for_drain()
}

}  // namespace metlog
