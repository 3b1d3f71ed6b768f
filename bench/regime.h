#pragma once

namespace metlog {

/// The distance between the producer's and the flusher's cores. On a virtual machine the host moves
/// them within seconds, and every hand-over figure changes: compare within one regime only.
enum class Regime {
  kSmt,    // two threads of one core
  kCcx,    // two cores of one last-level cache
  kFar,    // different caches, or sockets
  kMixed,  // it changed during a measurement
};

/// Half a round trip of one cache line between PRODUCER_CPU and FLUSHER_CPU, in ns: the median of
/// 60 groups of 20 round trips, about a millisecond in all. Restores the caller's affinity.
double one_way_ns();

/// kSmt below 48 ns, kCcx below 150 ns, else kFar.
Regime regime_of(double one_way_ns);
/// The regime of a measurement between two probes.
Regime regime_between(double one_way_ns_before, double one_way_ns_after);
const char* regime_name(Regime regime);

}  // namespace metlog
