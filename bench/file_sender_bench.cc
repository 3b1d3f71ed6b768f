// Messages of 250 bytes per second that the senders without a reader accept, in batches of 64 KiB.
// Only send() is timed. PRODUCER_CPU pins the sending thread.
#include <filesystem>

#include "bench/delivery.h"

namespace metlog {
namespace {

void time_sending(benchmark::State& state, const std::string& url) {
  pin_thread("PRODUCER_CPU");
  const std::unique_ptr<Sender> sender = make_or_exit(url);
  Batch batch(kBatchBytes);
  std::uint64_t sent = 0;
  for (auto _ : state) {
    fill(batch);
    const auto begin = std::chrono::steady_clock::now();
    send_all(*sender, batch);
    state.SetIterationTime(
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
    sent += batch.sent_count();
    if (batch.lost().total() != 0) state.SkipWithError("the sender lost messages");
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(sent));
  state.SetBytesProcessed(static_cast<std::int64_t>(sent * (kMessageBytes + 1)));
}

void HowFastDoesAFileTakeMessages(benchmark::State& state) {
  std::string directory = (std::filesystem::temp_directory_path() / "metlog-bench-XXXXXX").string();
  if (mkdtemp(directory.data()) == nullptr) std::abort();
  time_sending(state, "file:" + directory + "/messages");
  std::filesystem::remove_all(directory);
}
void HowFastDoesDevNullTakeMessages(benchmark::State& state) {
  time_sending(state, "file:///dev/null");
}
void HowFastDoesTheNullSenderTakeMessages(benchmark::State& state) { time_sending(state, "null:"); }

// Limited, because the file grows with every batch.
BENCHMARK(HowFastDoesAFileTakeMessages)->UseManualTime()->Iterations(2000);
BENCHMARK(HowFastDoesDevNullTakeMessages)->UseManualTime();
BENCHMARK(HowFastDoesTheNullSenderTakeMessages)->UseManualTime();

}  // namespace
}  // namespace metlog
