#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/client.h"

namespace metlog {

/// Does arithmetic in which each of the steps depends on the one before; returns its result.
std::uint64_t compute(std::uint64_t steps, std::uint64_t seed);
/// Steps of compute() in a microsecond, when nothing else runs: the best of some tries. Takes about
/// 10 ms.
double calibrated_steps_per_us();

/// A part of a second of workers that keep the processors busy, as a server's do: each computes for
/// 20 us, then logs one message, and so on.
struct UnitsOptions {
  std::size_t workers = 1;
  std::size_t size = 16;    // bytes of the text in each message
  std::uint64_t steps = 0;  // of a unit's computing
  std::int64_t slice_ns = 0;
};
struct UnitsSlice {
  std::uint64_t units = 0;  // of all workers; each does one at least
  double workers_cpu_s = 0;
  double start_cpu_s = 0;  // the process's CPU time when the slice began
};

/// Runs a slice; without a client nothing is logged. Each worker logs one message before it begins,
/// so that its ring is there, and waits a few ms. Returns when all threads have ended.
UnitsSlice run_units(Client* client, const UnitsOptions& options);

/// As many workers as processors, 16 at most: beyond that the flusher has one for itself.
std::size_t unit_workers();

/// The CPU time of this process and of the calling thread, in seconds.
double process_cpu_s();
double thread_cpu_s();

inline constexpr double kUnitUs = 20;

}  // namespace metlog
