// A client with two destinations: warnings for the person at the terminal, everything for a file.

#include <metlog/metlog.h>

#include <cstdio>

int main(int argc, char** argv) {
  const std::string file = argc > 1 ? argv[1] : "app.jsonl";
  absl::StatusOr<metlog::Client> log = metlog::open({
      "stdout:?format=pattern&pattern=%25l%20%25v&level=warning",
      "file:" + file + "?when_full=block",
  });
  if (!log.ok()) {
    std::fprintf(stderr, "%s\n", std::string(log.status().message()).c_str());
    return 2;
  }
  METLOG_INFO(*log, "started with {} workers", 4);
  METLOG_WARN(*log, "the queue is {} % full", 90);
  log->close(std::chrono::seconds(5));
  for (const metlog::ClientOutputStats& output : log->outputs()) {
    std::printf("%s: sent %llu, filtered %llu, lost %llu\n", output.url.c_str(),
                static_cast<unsigned long long>(output.ledger.sent),
                static_cast<unsigned long long>(output.ledger.filtered),
                static_cast<unsigned long long>(output.ledger.lost.total()));
  }
}
