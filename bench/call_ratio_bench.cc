// The cost of another call in log calls of three arguments: bursts of the two in turn, so that both
// meet the same machine. `ratio` is that of the medians of one round.
// PRODUCER_CPU and FLUSHER_CPU pin the threads: set both or none.
#include "bench/bursts.h"

namespace metlog {
namespace {

template <class Call>
void compare_with_a_log_call(benchmark::State& state, Client& client, Call call) {
  auto log = [&client](int i) {
    METLOG_INFO(client, "request id={} latency={} user={}", static_cast<std::uint64_t>(i), 0.5 * i,
                "sixteen.letters.");
  };
  Rounds rounds;
  Pauses pauses;
  for (auto _ : state) {
    rounds.begin();
    warm_up(log, pauses);
    warm_up(call, pauses);
    std::vector<double> log_ns;
    std::vector<double> other_ns;
    for (int i = 0; i < kBursts; ++i) {
      log_ns.push_back(burst_ns(log));
      work_for(pauses.next());
      other_ns.push_back(burst_ns(call));
      work_for(pauses.next());
    }
    rounds.add("log_p50_ns", quantile(log_ns, 0.5));
    rounds.add("p50_ns", quantile(other_ns, 0.5));
    rounds.add("ratio", quantile(other_ns, 0.5) / quantile(log_ns, 0.5));
    rounds.end();
  }
  rounds.report(state);
  refuse_if_dropped(state, client.stats().lost.total());
}

void HowManyLogCallsIsATimerWorth(benchmark::State& state) {
  Client log = open_null_client({});
  compare_with_a_log_call(state, log, [&](int) { METLOG_TIMER(log, "db.query"); });
}
void HowManyLogCallsIsACounterWorth(benchmark::State& state) {
  Client log = open_null_client({});
  compare_with_a_log_call(state, log, [&](int) { METLOG_INCR(log, "orders"); });
}

METLOG_ROUNDS(HowManyLogCallsIsATimerWorth);
METLOG_ROUNDS(HowManyLogCallsIsACounterWorth);

}  // namespace
}  // namespace metlog
