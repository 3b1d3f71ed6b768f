// Dies in the way that its first argument names, after 1,001 calls. Started by crash_test.
// `crashing_program WAY FILE SESSIONS [handler | drain | none] [EARLIER]` logs to FILE and keeps
// its sessions in SESSIONS. Prints on standard output the id of the thread that is going to crash
// and the address of the function that does.

#include <setjmp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>

#include "metlog/metlog.h"
#include "tests/process/crashes.h"

namespace {

using metlog::Client;
using metlog::ClientOptions;

std::string g_url;
ClientOptions g_options;

void log_lines(Client& log, int count) {
  for (int i = 0; i < count; ++i) METLOG_INFO(log, "line {}", i);
}

Client& logged() {
  static Client& log = *new Client(metlog::open_or_exit(g_url, g_options));
  log_lines(log, 1001);
  return log;
}

template <class F>
void announce(F* crashing) {
  std::printf("%ld %p\n", syscall(SYS_gettid), reinterpret_cast<void*>(crashing));
  std::fflush(stdout);
}

template <void (*kCrash)()>
void crash() {
  logged();
  announce(kCrash);
  kCrash();
}

template <void (*kCrash)()>
void crash_in_a_new_thread() {
  logged();
  std::thread([] {
    announce(kCrash);
    kCrash();
  }).join();
}

template <void (*kCrash)()>
void crash_in_a_logging_thread() {
  std::thread([] {
    logged();
    announce(kCrash);
    kCrash();
  }).join();
}

void throw_in_a_thread() {
  logged();
  std::thread([] {
    announce(&throw_in_a_thread);
    throw std::runtime_error("nobody catches this");
  }).join();
}

void crash_in_a_filter() {
  g_options.filters = {metlog::Filter("crashes", [](metlog::Message& message) {
    const std::string* const text = message.payload().as_text();
    if (text == nullptr || *text != "line 1000") return true;
    announce(&write_to_null);
    write_to_null();
    return true;
  })};
  logged();
  for (;;) pause();
}

/// Crashes on the thread of the queue, before the destination has anything.
class CrashingSender : public metlog::Sender {
 public:
  explicit CrashingSender(std::atomic<bool>& may_send) : may_send_(may_send) {}
  metlog::SendResult send(metlog::Batch&) override {
    if (!may_send_) return metlog::SendResult::kBusy;
    announce(&write_to_null);
    write_to_null();
    return metlog::SendResult::kBusy;
  }
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return "crashing:"; }

 private:
  std::atomic<bool>& may_send_;
};

void crash_in_a_sender() {
  static std::atomic<bool> may_send{false};
  static Client& log =
      *new Client(metlog::open(std::make_unique<CrashingSender>(may_send)).value());
  log_lines(log, 1001);
  may_send = true;
  for (;;) pause();
}

void crash_in_two_threads() {
  logged();
  static std::atomic<int> ready{0};
  const auto race = [] {
    ++ready;
    while (ready < 2) {
    }
    write_to_null();
  };
  announce(&write_to_null);
  std::thread one(race);
  std::thread other(race);
  one.join();
  other.join();
}

/// Has its own handler go on after a crash.
void survive_a_crash() {
  sigjmp_buf probe;
  t_probe = &probe;
  if (sigsetjmp(probe, 1) == 0) write_to_null();
  t_probe = nullptr;
}

/// Survives a crash, logs, and dies of another one.
void crash_again() {
  static Client& log = *new Client(metlog::open_or_exit(g_url));
  survive_a_crash();
  log_lines(log, 1001);
  announce(&write_wild);
  write_wild();
}

/// Survives crashes on two threads in turn, and dies of another one on a third.
void crash_on_three_threads() {
  logged();
  survive_a_crash();
  std::thread(survive_a_crash).join();
  survive_a_crash();
  std::thread([] {
    announce(&write_wild);
    write_wild();
  }).join();
}

/// Crashes with an engine that has no threads.
void crash_without_a_flusher() {
  metlog::Engine engine({.options = metlog::Engine::process_options(),
                         .threads = metlog::Engine::Threads::kNone,
                         .clock = nullptr,
                         .idle = nullptr,
                         .pid = 0,
                         .hostname = {}});
  Client log = engine.open(g_url).value();
  log_lines(log, 1001);
  announce(&write_to_null);
  write_to_null();
}

void crash_in_a_child() {
  logged();
  announce(&write_to_null);
  const pid_t child = fork();
  if (child == 0) write_to_null();
  int status = 0;
  waitpid(child, &status, 0);
  if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSEGV) _exit(97);
  call_abort();
}

/// A child that logs and ends without its exit handlers.
void exit_in_a_child() {
  static Client& log = *new Client(metlog::open_or_exit(g_url, g_options));
  METLOG_INFO(log, "parent");
  if (!log.flush(std::chrono::seconds(10))) std::_Exit(97);
  const pid_t child = fork();
  if (child == 0) {
    log_lines(log, 1001);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  std::exit(status);
}

// Handlers of the program.

void say(const char* text) { (void)!write(STDERR_FILENO, text, std::strlen(text)); }

void install(int signal, int flags, void (*handler)(int, siginfo_t*, void*)) {
  struct sigaction action {};
  action.sa_sigaction = handler;
  action.sa_flags = flags;
  sigaction(signal, &action, nullptr);
}

void install_earlier(const std::string& kind) {
  if (kind == "info") {
    install(SIGSEGV, SA_SIGINFO, [](int, siginfo_t* info, void* context) {
      say(info != nullptr && context != nullptr && info->si_signo == SIGSEGV ? "own handler\n"
                                                                             : "broken\n");
    });
  } else if (kind == "plain") {
    signal(SIGSEGV, [](int) { say("own handler\n"); });
  } else if (kind == "raises") {
    signal(SIGSEGV, [](int number) {
      say("own handler\n");
      signal(number, SIG_DFL);
      raise(number);
    });
  } else if (kind == "crashes") {
    signal(SIGSEGV, [](int) {
      say("own handler\n");
      write_wild();
    });
  } else if (kind == "divides") {
    signal(SIGSEGV, [](int) {
      say("own handler\n");
      divide();
    });
  } else if (kind == "jumps") {
    signal(SIGSEGV, [](int) {
      if (t_probe != nullptr) siglongjmp(*t_probe, 1);
      say("own handler\n");
    });
  } else if (kind == "exits") {
    signal(SIGSEGV, [](int) {
      say("own handler\n");
      _exit(55);
    });
  } else if (kind == "ignores") {
    signal(SIGSEGV, SIG_IGN);
    signal(SIGABRT, SIG_IGN);
  } else if (kind == "terminates") {
    std::set_terminate([] {
      say("own handler\n");
      _exit(56);
    });
  }
}

const std::map<std::string, std::function<void()>>& ways() {
  static const std::map<std::string, std::function<void()>> kWays = {
      {"abort", crash<call_abort>},
      {"null", crash<write_to_null>},
      {"wild", crash<write_wild>},
      {"not_canonical", crash<write_not_canonical>},
      {"call_null", crash<call_null>},
      {"call_data", crash<call_data>},
      {"ill", crash<execute_nothing>},
      {"fpe", crash<divide>},
      {"bus", crash<read_past_the_end>},
      {"trap", crash<trap>},
      {"overflow", crash<overflow>},
      {"overflow_thread", crash_in_a_logging_thread<overflow>},
      {"new_thread", crash_in_a_new_thread<write_to_null>},
      {"malloc", crash<break_malloc>},
      {"filter", crash_in_a_filter},
      {"sender", crash_in_a_sender},
      {"two", crash_in_two_threads},
      {"terminate", crash<terminate>},
      {"throw", throw_in_a_thread},
      {"kill", crash<kill_itself>},
      {"stack", crash<break_stack>},
      {"again", crash_again},
      {"three", crash_on_three_threads},
      {"no_flusher", crash_without_a_flusher},
      {"child", crash_in_a_child},
      {"exit", crash<exit_at_once>},
      {"child_exit", exit_in_a_child},
  };
  return kWays;
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 5) return 99;
  const std::string handler = arguments[4];
  if (count > 5) install_earlier(arguments[5]);
  rlimit core{};
  getrlimit(RLIMIT_CORE, &core);
  core.rlim_cur = core.rlim_max;
  setrlimit(RLIMIT_CORE, &core);
  metlog::EngineOptions engine;
  engine.session_directory = arguments[3];
  engine.crash_handler = handler != "none";
  if (handler == "drain") engine.crash_drain_limit = std::chrono::seconds(10);
  if (!metlog::Engine::configure(engine).ok()) return 98;
  g_file = arguments[2];
  g_url = "file:" + g_file;
  ways().at(arguments[1])();
  return 0;
}
