#include "metlog/internal/engine/crash_record.h"

#include <dlfcn.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include <unwind.h>

#include <atomic>

namespace metlog {
namespace {

// Where a signal came, or a function was called; zeros on a processor that we do not know.
struct Place {
  std::uint64_t ip = 0;
  std::uint64_t sp = 0;
};

#if defined(__x86_64__)
Place place_of(const ucontext_t& context) {
  const auto& registers = context.uc_mcontext.gregs;
  return {static_cast<std::uint64_t>(registers[REG_RIP]),
          static_cast<std::uint64_t>(registers[REG_RSP])};
}
void move_to(const Place& place, ucontext_t& context) {
  context.uc_mcontext.gregs[REG_RIP] = static_cast<greg_t>(place.ip);
  context.uc_mcontext.gregs[REG_RSP] = static_cast<greg_t>(place.sp);
}
// Where the call was that has just been made: it has pushed its return address.
Place caller_of(const ucontext_t& context) {
  const std::uint64_t sp = place_of(context).sp;
  return {*reinterpret_cast<const std::uint64_t*>(sp), sp + sizeof sp};
}
#elif defined(__aarch64__)
Place place_of(const ucontext_t& context) {
  return {context.uc_mcontext.pc, context.uc_mcontext.sp};
}
void move_to(const Place& place, ucontext_t& context) {
  context.uc_mcontext.pc = place.ip;
  context.uc_mcontext.sp = place.sp;
}
Place caller_of(const ucontext_t& context) {
  return {context.uc_mcontext.regs[30], context.uc_mcontext.sp};
}
#else
Place place_of(const ucontext_t&) { return {}; }
void move_to(const Place&, ucontext_t&) {}
Place caller_of(const ucontext_t&) { return {}; }
#endif

// False where the unwinder may take the loader's lock.
constinit bool g_may_walk = false;
// Of the thread that walks; 0 for none.
constinit std::atomic<pid_t> g_walking{0};
sigjmp_buf g_walk_end;

pid_t thread_id() { return static_cast<pid_t>(syscall(SYS_gettid)); }

struct Walk {
  CrashSlot& slot;
  std::uint64_t from;  // the address at which the stack begins; 0 for the next frame
};

_Unwind_Reason_Code take_frame(_Unwind_Context* frame, void* argument) {
  auto& walk = *static_cast<Walk*>(argument);
  const auto address = static_cast<std::uint64_t>(_Unwind_GetIP(frame));
  if (walk.from != 0 && address != walk.from) return _URC_NO_REASON;  // the handler's own
  const bool is_first = walk.from != 0;
  walk.from = 0;
  CrashSlot& slot = walk.slot;
  if (is_first && address == slot.frames[0]) return _URC_NO_REASON;  // is there already
  if (address == 0 || slot.frame_count == CrashSlot::kMaxFrames) return _URC_END_OF_STACK;
  slot.frames[slot.frame_count] = address;
  // The walk may end in a fault at any moment.
  std::atomic_signal_fence(std::memory_order_release);
  slot.frame_count = slot.frame_count + 1;
  return _URC_NO_REASON;
}

_Unwind_Reason_Code take_none(_Unwind_Context*, void*) { return _URC_END_OF_STACK; }

// Runs `use`, which may fault.
template <class Use>
void walk_guarded(const Use& use) {
  if (!g_may_walk) return;
  if (sigsetjmp(g_walk_end, 0) == 0) {
    // seq_cst, both: ordered against the handler of a fault on this thread
    g_walking.store(thread_id(), std::memory_order_seq_cst);
    use();
  }
  g_walking.store(0, std::memory_order_seq_cst);
}

void begin(CrashSlot& slot, CrashSlot::Kind kind) {
  slot.state.store(CrashSlot::kBeingWritten, Order::kRelease);  // pairs with recovery
  slot.kind = kind;
  slot.signal = 0;
  slot.code = 0;
  slot.address = 0;
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  slot.utc_ns = static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  slot.tid = static_cast<std::uint32_t>(thread_id());
  slot.frame_count = 0;
}

bool is_fault(int signal, const siginfo_t& info) {
  return info.si_code > 0 &&
         (signal == SIGSEGV || signal == SIGBUS || signal == SIGILL || signal == SIGFPE);
}

// A jump to where no code is: the unwinder would read there, so it begins at the caller.
void walk_from_caller(CrashSlot& slot, ucontext_t& context) {
  const Place crashed = place_of(context);
  walk_guarded([&] {
    const Place caller = caller_of(context);
    move_to(caller, context);
    Walk walk{slot, caller.ip};
    _Unwind_Backtrace(&take_frame, &walk);
  });
  move_to(crashed, context);
}

}  // namespace

void CrashRecord::prepare() {
  g_may_walk = dlsym(RTLD_DEFAULT, "_dl_find_object") != nullptr;
  _Unwind_Backtrace(&take_none, nullptr);
}

void CrashRecord::store_signal(CrashSlot& slot, int signal, const siginfo_t& info,
                               ucontext_t& context) {
  // std::terminate() of this thread has ended in abort().
  const bool is_terminate =
      signal == SIGABRT && slot.state.load(Order::kRelaxed) == CrashSlot::kWhole &&
      slot.kind == CrashSlot::kTerminate && slot.tid == static_cast<std::uint32_t>(thread_id());
  if (!is_terminate) begin(slot, CrashSlot::kSignal);
  slot.signal = signal;
  slot.code = info.si_code;
  if (is_terminate) return;
  const std::uint64_t ip = place_of(context).ip;
  if (is_fault(signal, info)) slot.address = reinterpret_cast<std::uintptr_t>(info.si_addr);
  slot.frames[0] = ip;
  slot.frame_count = 1;
  if (signal == SIGSEGV && is_fault(signal, info) && slot.address == ip) {
    walk_from_caller(slot, context);
  } else {
    walk_guarded([&] {
      Walk walk{slot, ip};
      _Unwind_Backtrace(&take_frame, &walk);
    });
  }
  slot.state.store(CrashSlot::kWhole, Order::kRelease);  // pairs with recovery
}

void CrashRecord::store_terminate(CrashSlot& slot) {
  begin(slot, CrashSlot::kTerminate);
  walk_guarded([&] {
    Walk walk{slot, 0};
    _Unwind_Backtrace(&take_frame, &walk);
  });
  slot.state.store(CrashSlot::kWhole, Order::kRelease);  // pairs with recovery
}

void CrashRecord::end_walk_that_faulted() {
  // seq_cst: see walk_guarded()
  if (g_walking.load(std::memory_order_seq_cst) == thread_id()) siglongjmp(g_walk_end, 1);
}

std::uintptr_t CrashRecord::stack_pointer(const ucontext_t& context) {
  return place_of(context).sp;
}

}  // namespace metlog
