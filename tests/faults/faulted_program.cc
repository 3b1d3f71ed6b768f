// Logs keyed calls, which an oracle counts, and ends. Run under a fault shim or through a proxy.
//
//   faulted_program URL SESSIONS ORACLE COUNT WAY [BATCH_BYTES [LIMIT_S]]
//
// WAY: close prints `emitted sent lost` by the client's account, and for its receipt `sent lost`;
// kill dies by SIGKILL. LIMIT_S is the limit of both, 5 without it. Exit code 3: the destination
// was refused; standard error says why.

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "metlog/metlog.h"
#include "tests/faults/arrivals.h"
#include "tests/faults/oracle.h"

int main(int argc, char** argv) {
  if (argc < 6) return 9;
  const bool is_killed = std::string_view(argv[5]) == "kill";
  metlog::EngineOptions engine;
  engine.session_directory = argv[2];
  engine.ring_bytes = 16384;
  if (!metlog::Engine::configure(engine).ok()) return 9;
  metlog::ClientOptions options;
  options.logger = "lane0";
  options.batch_bytes = argc > 6 ? static_cast<std::size_t>(std::atoi(argv[6])) : 4096;
  options.when_full = metlog::WhenFull::kBlock;
  absl::StatusOr<metlog::Client> log = metlog::open(argv[1], options);
  if (!log.ok()) {
    std::fprintf(stderr, "%s\n", log.status().ToString().c_str());
    return 3;
  }
  metlog::Oracle oracle{std::string(argv[3])};
  for (int i = 0; i < std::atoi(argv[4]); ++i) {
    const auto padding = static_cast<std::size_t>(i % 100 == 0 ? 700 : i % 7 * 8);
    const std::string payload = metlog::keyed_payload(0, oracle.begin(0), padding);
    METLOG_INFO(*log, "{}", payload);
    oracle.end(0);
  }
  if (is_killed) ::kill(::getpid(), SIGKILL);
  const std::chrono::seconds limit(argc > 7 ? std::atoi(argv[7]) : 5);
  (void)log->flush(limit);
  const metlog::Ledger ledger = log->stats();
  const metlog::Receipt receipt = log->close(limit);
  std::printf("%llu %llu %llu %llu %llu\n", static_cast<unsigned long long>(ledger.emitted),
              static_cast<unsigned long long>(ledger.sent),
              static_cast<unsigned long long>(ledger.lost.total()),
              static_cast<unsigned long long>(receipt.sent),
              static_cast<unsigned long long>(receipt.lost));
  return 0;
}
