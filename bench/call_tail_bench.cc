// The slowest of a thousand calls: 4,000 calls per round, each timed alone. A region without a call
// is measured as well, because the machine's interruptions are in both.
// PRODUCER_CPU and FLUSHER_CPU pin the threads: set both or none.
#include "bench/bursts.h"

namespace metlog {
namespace {

template <class Call>
void time_calls(benchmark::State& state, Call call) {
  Rounds rounds;
  Pauses pauses;
  for (auto _ : state) {
    rounds.begin();
    warm_up(call, pauses);
    std::vector<double> call_ns;
    call_ns.reserve(std::size_t{kBursts} * kCallsPerBurst);
    for (int i = 0; i < kBursts; ++i) {
      time_each_call(call, call_ns);
      work_for(pauses.next());
    }
    rounds.add("p50_ns", quantile(call_ns, 0.5));
    rounds.add("p99_ns", quantile(call_ns, 0.99));
    rounds.add("p999_ns", quantile(call_ns, 0.999));
    rounds.end();
  }
  rounds.report(state);
}

void HowSlowIsTheSlowestOfAThousandLogCalls(benchmark::State& state) {
  Client log = open_null_client({});
  time_calls(state, [&](int i) {
    METLOG_INFO(log, "request id={} latency={} user={}", static_cast<std::uint64_t>(i), 0.5 * i,
                "sixteen.letters.");
  });
  refuse_if_dropped(state, log.stats().lost.total());
}
void HowSlowIsTheSlowestOfAThousandEmptyRegions(benchmark::State& state) {
  const Client quiet = open_null_client({});
  time_calls(state, [](int i) { benchmark::DoNotOptimize(i); });
}

METLOG_ROUNDS(HowSlowIsTheSlowestOfAThousandLogCalls);
METLOG_ROUNDS(HowSlowIsTheSlowestOfAThousandEmptyRegions);

}  // namespace
}  // namespace metlog
