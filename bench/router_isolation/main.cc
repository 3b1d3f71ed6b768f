// Does a healthy output of metlogd feel the bad ones beside it? Each round sends paced messages
// twice: to a metlogd with one file, and to one that has three more outputs, of which one is dead,
// one is read at 100 kB a second and one refuses every tenth message. Their latencies to the file
// are compared within the round.
//
//   router_isolation_bench METLOGD DIRECTORY [ROUNDS [SECONDS [RATE]]]
//
// DIRECTORY is for metlogd's files; use one in memory to leave the disk out. Fails when the books
// do not balance or the sender lost something.
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "bench/host_cost/file_tail.h"
#include "bench/host_cost/measured_span.h"
#include "bench/host_cost/metlogd_process.h"
#include "bench/router_isolation/bad_receivers.h"
#include "bench/spread.h"
#include "metlog/metlog.h"

namespace metlog {
namespace {

using std::chrono::milliseconds;

constexpr double kTickS = 1e-3;
constexpr double kSettleS = 0.3;
constexpr std::chrono::seconds kFlushLimit{30};

struct Load {
  double seconds = 5;
  double rate = 100'000;
};

struct Result {
  double p50_ms = 0;
  double p99_ms = 0;
  double max_ms = 0;
  std::uint64_t emitted = 0;
  std::uint64_t lost_by_sender = 0;
  std::uint64_t in_file = 0;
  std::int64_t unexplained = 0;
  double above_idle_mib = 0;  // at its peak
  double end_s = 0;           // from SIGTERM to the exit
  std::uint64_t requests = 0;
};

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "router_isolation_bench: %s\n", what.c_str());
  std::exit(1);
}

template <class T>
T or_fail(absl::StatusOr<T> value) {
  if (!value.ok()) fail(std::string(value.status().message()));
  return *std::move(value);
}

/// VmRSS or VmHWM.
double memory_mib(pid_t process, const std::string& name) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(name + ":"))
      return std::strtod(line.c_str() + name.size() + 1, nullptr) / 1024;
  }
  fail("metlogd has ended");
}

/// Reads a file whenever it changes, on a thread of its own.
class Follower {
 public:
  explicit Follower(const std::string& path)
      : tail_(path, FileTail::Samples::kLatency),
        changes_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)),
        thread_([this] { run(); }) {
    ::inotify_add_watch(changes_.get(), path.c_str(), IN_MODIFY);
  }
  /// Reads the rest.
  const FileTail& finish() {
    ends_ = true;
    thread_.join();
    tail_.read_new();
    return tail_;
  }

 private:
  void run() {
    while (!ends_) {
      pollfd change{changes_.get(), POLLIN, 0};
      ::poll(&change, 1, 50);
      char events[4096];
      while (::read(changes_.get(), events, sizeof events) > 0) {
      }
      tail_.read_new();
    }
  }

  FileTail tail_;
  const UniqueFd changes_;
  std::atomic<bool> ends_{false};
  std::thread thread_;  // last: it uses the rest
};

/// The configuration of the healthy output, and of the bad ones.
std::string configuration(const std::string& directory, bool with_bad, int dead, int erring) {
  std::string text = "[output.healthy]\ntype = \"file\"\npath = \"" + directory + "/out\"\n";
  if (!with_bad) return text;
  text += "[output.dead]\ntype = \"tcp\"\naddress = \"127.0.0.1:" + std::to_string(dead) + "\"\n";
  text += "[output.slow]\ntype = \"file\"\npath = \"" + directory + "/slow\"\n";
  text += "[output.erring]\ntype = \"http\"\nurl = \"http://127.0.0.1:" + std::to_string(erring) +
          "/\"\n";
  return text;
}

void send_paced(Client& client, const Load& load) {
  const auto calls_of_tick = static_cast<std::uint64_t>(load.rate * kTickS);
  const auto ticks = static_cast<std::uint64_t>(load.seconds / kTickS);
  std::uint64_t number = 0;
  std::uint64_t next = monotonic_ns();
  for (std::uint64_t tick = 0; tick < ticks; ++tick) {
    for (std::uint64_t i = 0; i < calls_of_tick; ++i) {
      METLOG_INFO(client, "request id={} number={}", monotonic_ns(), ++number);
    }
    next += static_cast<std::uint64_t>(kTickS * 1e9);
    sleep_until(next);
  }
}

Result measure(const std::string& program, const std::string& directory, bool with_bad,
               const Load& load) {
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
  const auto slow = or_fail(SlowReader::open(directory + "/slow"));
  const auto erring = or_fail(ErringServer::open());
  std::ofstream(directory + "/c.toml")
      << configuration(directory, with_bad, or_fail(dead_port()), erring->port());
  std::ofstream(directory + "/out").close();
  const auto metlogd =
      or_fail(MetlogdProcess::start(program, directory, {"--config", directory + "/c.toml"}));
  sleep_for_s(kSettleS);
  const double idle_mib = memory_mib(metlogd->id(), "VmRSS");
  Follower follower(directory + "/out");
  Result result;
  {
    Client client = or_fail(open(metlogd->endpoint() + "?batch=1"));
    send_paced(client, load);
    client.close(kFlushLimit);
    const Ledger ledger = client.stats();
    result.emitted = ledger.emitted;
    result.lost_by_sender = ledger.lost.total();
  }
  sleep_for_s(kSettleS);
  result.above_idle_mib = memory_mib(metlogd->id(), "VmHWM") - idle_mib;
  const std::uint64_t begun = monotonic_ns();
  const MetlogdProcess::Account account = or_fail(metlogd->stop());
  result.end_s = static_cast<double>(monotonic_ns() - begun) / 1e9;
  result.unexplained = account.unexplained;
  const FileTail& tail = follower.finish();
  result.in_file = tail.messages();
  result.p50_ms = quantile(tail.ages_us(), 0.5) / 1000;
  result.p99_ms = quantile(tail.ages_us(), 0.99) / 1000;
  result.max_ms = quantile(tail.ages_us(), 1) / 1000;
  result.requests = erring->requests();
  return result;
}

/// Prints a row; false when something is missing.
bool show(std::size_t round, const char* what, const Result& result) {
  std::printf("%5zu  %-6s  %6.2f  %6.2f  %7.2f  %8llu  %4llu  %11lld  %9.1f  %5.2f  %8llu\n", round,
              what, result.p50_ms, result.p99_ms, result.max_ms,
              static_cast<unsigned long long>(result.emitted),
              static_cast<unsigned long long>(result.lost_by_sender),
              static_cast<long long>(result.unexplained), result.above_idle_mib, result.end_s,
              static_cast<unsigned long long>(result.requests));
  std::fflush(stdout);
  return result.lost_by_sender == 0 && result.unexplained == 0 && result.in_file == result.emitted;
}

int run(const std::string& program, const std::string& parent, std::size_t rounds,
        const Load& load) {
  const std::string directory = parent + "/router-isolation-" + std::to_string(getpid());
  std::printf(
      "round  beside  p50 ms  p99 ms   max ms   emitted  lost  unexplained  MiB above  end s  "
      "requests\n");
  std::vector<double> p50s;
  std::vector<double> p99s;
  bool is_sound = true;
  for (std::size_t round = 1; round <= rounds; ++round) {
    // In turns, so that neither is always the later one.
    const bool first = round % 2 == 0;
    Result results[2];
    for (const bool with_bad : {first, !first}) {
      Result& result = results[with_bad ? 1 : 0];
      result = measure(program, directory, with_bad, load);
      is_sound = show(round, with_bad ? "bad" : "none", result) && is_sound;
    }
    p50s.push_back(results[1].p50_ms / results[0].p50_ms);
    p99s.push_back(results[1].p99_ms / results[0].p99_ms);
  }
  std::filesystem::remove_all(directory);
  const Spread p50 = spread_of(p50s);
  const Spread p99 = spread_of(p99s);
  std::printf(
      "beside bad outputs / alone, median (p10..p90): p50 %.2f (%.2f..%.2f), "
      "p99 %.2f (%.2f..%.2f)\n",
      p50.p50, p50.p10, p50.p90, p99.p50, p99.p10, p99.p90);
  if (!is_sound) std::printf("something was lost at the sender, or is missing in the file\n");
  return is_sound ? 0 : 1;
}

}  // namespace
}  // namespace metlog

int main(int argc, char** argv) {
  if (argc < 3) {
    metlog::fail("usage: router_isolation_bench METLOGD DIRECTORY [ROUNDS [SECONDS [RATE]]]");
  }
  metlog::Load load;
  if (argc > 4) load.seconds = std::strtod(argv[4], nullptr);
  if (argc > 5) load.rate = std::strtod(argv[5], nullptr);
  return metlog::run(argv[1], argv[2], argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 10, load);
}
