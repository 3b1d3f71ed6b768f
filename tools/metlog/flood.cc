#include "tools/metlog/flood.h"

#include <poll.h>

#include <chrono>
#include <cstdio>
#include <string>

#include "metlog/metlog.h"
#include "tools/console/report.h"
#include "tools/console/stop_signal.h"
#include "tools/metlog/flood_report.h"
#include "tools/metlog/flood_threads.h"

namespace metlog {
namespace {

using Steady = std::chrono::steady_clock;

constexpr int kPollMs = 20;

std::chrono::nanoseconds nanoseconds(double seconds) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(
      std::chrono::duration<double>(seconds));
}

/// Returns at once when a signal arrives.
void wait_briefly() { poll(nullptr, 0, kPollMs); }

void wait_for_end(FloodThreads& threads, const Client& client, const FloodOptions& options) {
  FloodProgress progress(options, threads.started_at());
  while (!threads.are_done() && !stop_requested()) {
    wait_briefly();
    const Steady::time_point now = Steady::now();
    if (progress.is_due(now)) progress.show(now, client.stats());
  }
  threads.stop();
  // A thread may be waiting inside a call for a destination that accepts nothing.
  const Steady::time_point limit = Steady::now() + nanoseconds(options.wait_s);
  while (!threads.are_done() && Steady::now() < limit) wait_briefly();
}

absl::StatusOr<FloodSummary> flood(Client& client, const FloodOptions& options) {
  FloodThreads threads(client, options);
  if (absl::Status status = threads.start(); !status.ok()) return status;
  wait_for_end(threads, client, options);
  FloodSummary summary;
  const bool all_done = threads.are_done();
  if (all_done) summary.calls = threads.call_count();
  const Steady::time_point end = all_done ? threads.ended_at() : Steady::now();
  summary.receipt = client.close(nanoseconds(options.wait_s));
  summary.ledger = client.stats();
  const auto since_start = [&threads](Steady::time_point time) {
    return std::chrono::duration<double>(time - threads.started_at()).count();
  };
  summary.seconds = since_start(end);
  summary.total_seconds = since_start(Steady::now());
  return summary;
}

}  // namespace

int run_flood(const FloodOptions& options) {
  absl::StatusOr<Client> client = open(options.to, {.logger = "mb", .when_full = options.policy});
  if (!client.ok()) return refuse("--to", client.status());
  install_stop_signals();
  const absl::StatusOr<FloodSummary> flooded = flood(*client, options);
  if (!flooded.ok()) return refuse("--threads", flooded.status());
  const FloodSummary& summary = *flooded;
  // The standard output may be where the messages go.
  const bool is_mixed = options.to.starts_with("stdout:") && !options.json;
  const std::string text = options.json ? to_json(summary, options) : to_text(summary, options);
  std::fwrite(text.data(), 1, text.size(), is_mixed ? stderr : stdout);
  if (std::fflush(stdout) != 0) {
    report("the summary could not be written to the standard output");
    return kExitLost;
  }
  return summary.unexplained() == 0 ? kExitDone : kExitLost;
}

}  // namespace metlog
