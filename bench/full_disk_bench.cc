// The latency of calls while the disk is full, against those while it takes all: one client after
// the other in each round, 4,000 calls of each, each timed alone. The full disk is /dev/full,
// where each write fails by ENOSPC. `full_` and `free_` are the figures, `ratio_` one by the other.
// PRODUCER_CPU and FLUSHER_CPU pin the threads: set both or none.
#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bench/bursts.h"
#include "bench/scratch_file.h"

namespace metlog {
namespace {

Engine::Parts parts() {
  Engine::Parts parts;
  parts.options.session_directory = "none";
  parts.options.ring_bytes = 4 << 20;  // none is lost because the flusher waits for a CPU
  return parts;
}

/// What each call took, of a client that writes to a file.
class Calls {
 public:
  Calls(Engine& engine, const std::string& path, const ClientOptions& options)
      : client_(open_pinned(
            [&] { return engine.open("file://" + path + "?hold_ms=3600000", options).value(); })) {}

  void fill_ring() {
    for (int i = 0; lost() == 0; ++i) (*this)(i);
  }
  std::vector<double> time(Pauses& pauses) {
    warm_up(*this, pauses);
    std::vector<double> call_ns;
    for (int i = 0; i < kBursts; ++i) {
      time_each_call(*this, call_ns);
      work_for(pauses.next());
    }
    return call_ns;
  }
  /// Returns what is lost, but for what a full disk held up to the end.
  std::uint64_t end() {
    const std::uint64_t lost_before = lost();
    client_.close(std::chrono::milliseconds(10));
    return lost_before;
  }
  void operator()(int i) {
    METLOG_INFO(client_, "request id={} latency={} user={}", static_cast<std::uint64_t>(i), 0.5 * i,
                "sixteen.letters.");
  }

 private:
  [[nodiscard]] std::uint64_t lost() const { return client_.stats().lost.total(); }

  Client client_;
};

void add_figures(Rounds& rounds, const std::vector<double>& free_ns,
                 const std::vector<double>& full_ns) {
  constexpr std::pair<const char*, double> kQuantiles[] = {
      {"p50", 0.5}, {"p99", 0.99}, {"p999", 0.999}};
  for (const auto& [name, part] : kQuantiles) {
    const double free = quantile(free_ns, part);
    const double full = quantile(full_ns, part);
    rounds.add(std::string("free_").append(name).append("_ns"), free);
    rounds.add(std::string("full_").append(name).append("_ns"), full);
    rounds.add(std::string("ratio_").append(name), full / free);
  }
}

void time_in_turn(benchmark::State& state, bool is_ring_full) {
  const ScratchFile file;
  Engine engine(parts());
  ClientOptions options;
  options.batch_bytes = 32 * 1024;
  options.batch_count = is_ring_full ? 4 : 2048;
  Rounds rounds;
  Pauses pauses;
  for (auto _ : state) {
    rounds.begin();
    Calls free_disk(engine, file.path(), options);
    const std::vector<double> free_ns = free_disk.time(pauses);
    refuse_if_dropped(state, free_disk.end());
    Calls full_disk(engine, "/dev/full", options);
    if (is_ring_full) full_disk.fill_ring();
    add_figures(rounds, free_ns, full_disk.time(pauses));
    const std::uint64_t lost = full_disk.end();
    if (!is_ring_full) refuse_if_dropped(state, lost);
    rounds.end();
  }
  rounds.report(state);
}

/// The batches hold all that is logged.
void HowSlowAreCallsWhileAFullDiskIsWaitedFor(benchmark::State& state) {
  time_in_turn(state, false);
}

/// The ring is full, and calls are dropped and counted.
void HowSlowAreCallsThatAFullDiskLoses(benchmark::State& state) { time_in_turn(state, true); }

METLOG_ROUNDS(HowSlowAreCallsWhileAFullDiskIsWaitedFor);
METLOG_ROUNDS(HowSlowAreCallsThatAFullDiskLoses);

}  // namespace
}  // namespace metlog
