// Logs and dies in the way that its first argument names. Started by recovery_test.
//
//   dying_program WAY URL[|URL...] SESSIONS COUNT [PREFIX [RING_BYTES]]
//
//     abort, kill, ...      logs COUNT lines, then dies
//     child:WAY, daemon:WAY the same in a child, or in what daemon() makes, after one line of the
//                           parent's
//     exit                  logs COUNT lines and ends as a program should
//     serve                 the same, once SESSIONS has no session but its own
//     stay                  the same, once SIGTERM arrives
//     storm                 logs from four threads until it is killed; COUNT is a file, in which it
//                           counts by thread the calls that have returned
//     drops                 the same, and its calls never wait for room
//     filters               the same, with a filter that drops and throws
//     undelivered           logs COUNT lines, waits 5 s at most for their delivery, and is killed

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "metlog/metlog.h"

namespace {

using metlog::Client;

constexpr int kThreads = 4;

[[noreturn]] void storm(Client& log, const char* counters) {
  const int fd = ::open(counters, O_RDWR | O_CLOEXEC);
  void* const mapped = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (mapped == MAP_FAILED) std::exit(9);
  auto* const returned = static_cast<std::atomic<std::uint64_t>*>(mapped);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&log, returned, thread] {
      const std::string padding(static_cast<std::size_t>(thread) * 37, 'x');
      for (std::uint64_t i = 0;; ++i) {
        METLOG_INFO(log, "t{} {} {}", thread, i, padding);
        returned[8 * thread].store(i + 1, std::memory_order_release);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::exit(9);
}

/// True once there is no session but that of this process; false after 20 s.
bool wait_until_alone(const char* sessions) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (std::chrono::steady_clock::now() < deadline) {
    const std::filesystem::directory_iterator all(sessions);
    if (std::distance(begin(all), end(all)) == 1) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return false;
}

sigset_t sigterm() {
  sigset_t set;
  ::sigemptyset(&set);
  ::sigaddset(&set, SIGTERM);
  return set;
}

int wait_for_sigterm() {
  const sigset_t set = sigterm();
  int signal = 0;
  return ::sigwait(&set, &signal);
}

void die(std::string_view way) {
  if (way == "abort") std::abort();
  if (way == "segv") *reinterpret_cast<volatile int*>(std::uintptr_t{8}) = 1;
  if (way == "terminate") std::terminate();
  if (way == "_exit") ::_exit(0);
  if (way == "quick_exit") std::quick_exit(0);
  if (way == "kill" || way == "undelivered") ::kill(::getpid(), SIGKILL);
}

bool is_storm(std::string_view way) { return way == "storm" || way == "drops" || way == "filters"; }

/// Drops every fifth message that it sees, and throws at every seventh.
bool passes(metlog::Message&) {
  static int seen = 0;
  if (++seen % 7 == 0) throw seen;
  return seen % 5 != 0;
}

/// The destinations that are named in one text: `file:a|file:b`.
std::vector<metlog::ClientOutput> outputs_of(std::string_view text) {
  std::vector<metlog::ClientOutput> outputs;
  while (true) {
    const std::size_t end = text.find('|');
    outputs.emplace_back(std::string(text.substr(0, end)));
    if (end == std::string_view::npos) return outputs;
    text.remove_prefix(end + 1);
  }
}

/// Goes on in another process, if the way says so, and returns how that is to die.
std::string_view leave_parent(std::string_view way, Client& log) {
  const std::size_t colon = way.find(':');
  if (colon == std::string_view::npos) return way;
  METLOG_INFO(log, "parent");
  if (way.substr(0, colon) == "daemon") {
    if (::daemon(1, 1) != 0) std::exit(9);
  } else if (const pid_t child = ::fork(); child != 0) {
    ::waitpid(child, nullptr, 0);
    std::exit(0);
  }
  return way.substr(colon + 1);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5) return 9;
  // A test that is ended itself must not leave one that writes until the disk is full.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::string_view way(argv[1]);
  const sigset_t set = sigterm();
  if (way == "stay") ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  metlog::EngineOptions engine;
  engine.session_directory = argv[3];
  engine.ring_bytes = is_storm(way) ? 16384 : 256 * 1024;
  if (argc > 6) engine.ring_bytes = static_cast<std::size_t>(std::atol(argv[6]));
  if (!metlog::Engine::configure(engine).ok()) return 9;
  metlog::ClientOptions options;
  options.logger = "dying";
  options.when_full = way == "drops" ? metlog::WhenFull::kDrop : metlog::WhenFull::kBlock;
  if (way == "filters") options.filters = {metlog::Filter("some", &passes)};
  metlog::Engine& engine_of_process = metlog::Engine::instance();
  absl::StatusOr<Client> log =
      std::string_view(argv[2]) == "stream:"
          ? engine_of_process.open(metlog::make_stream_sender(std::cout), options)
          : engine_of_process.open(outputs_of(argv[2]), options);
  if (!log.ok()) return 9;
  if (is_storm(way)) storm(*log, argv[4]);
  way = leave_parent(way, *log);
  const metlog::ScopedContext context({{"request", 7}});
  const std::string_view prefix = argc > 5 ? argv[5] : "";
  for (int i = 0; i < std::atoi(argv[4]); ++i) METLOG_INFO(*log, "{}line {}", prefix, i);
  if (way == "undelivered") (void)log->flush(std::chrono::seconds(5));
  if (way == "exit") return 0;
  if (way == "stay") return wait_for_sigterm();
  if (way == "serve") return wait_until_alone(argv[3]) ? 0 : 8;
  die(way);
  return 9;
}
