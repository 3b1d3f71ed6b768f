#pragma once

#include <benchmark/benchmark.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <thread>

#include "bench/pin_thread.h"
#include "metlog/internal/codec/frame_header.h"
#include "metlog/make_sender.h"

namespace metlog {

constexpr std::size_t kMessageBytes = 250;
constexpr std::size_t kBatchBytes = 64 * 1024;

inline void fill(Batch& batch) {
  batch.clear();
  while (!batch.is_full()) {
    char* const out = batch.reserve(kMessageBytes);
    std::memset(out, 'x', kMessageBytes);
    batch.commit(out + kMessageBytes, Batch::Origin::kUser);
  }
}

inline std::unique_ptr<Sender> make_or_exit(const std::string& url) {
  absl::StatusOr<std::unique_ptr<Sender>> sender = make_sender(url);
  if (sender.ok()) return *std::move(sender);
  std::fprintf(stderr, "%s\n", std::string(sender.status().message()).c_str());
  std::exit(2);
}

/// Sends like the thread of a send queue: sleeps while the destination accepts nothing.
inline void send_all(Sender& sender, Batch& batch) {
  std::chrono::microseconds nap(50);
  while (sender.send(batch) == SendResult::kBusy) {
    std::this_thread::sleep_for(nap);
    if (nap < std::chrono::milliseconds(5)) nap *= 2;
  }
}

/// Returns the number of messages in a frame. A batched frame is read and its checksum verified, as
/// every reader must do; its lines are not read. Plain messages are counted by their bytes.
inline std::uint64_t messages_in(std::string_view bytes) {
  if (!is_batched_frame(bytes)) return (bytes.size() + 1) / (kMessageBytes + 1);
  FrameError error;
  const auto frame = read_frame(bytes, error);
  return frame.has_value() ? frame->header.count : 0;
}

/// Reads on its own thread (on READER_CPU) until it is destroyed: `take` returns the number of
/// messages that arrived, 0 when none did for a few milliseconds.
class Reading {
 public:
  using Time = std::chrono::steady_clock::time_point;

  template <class Take>
  explicit Reading(Take take)
      : thread_([this, take] {
          pin_thread("READER_CPU");
          // relaxed, both: join() orders the rest, and arrived() only has to grow
          while (!stopped_.load(std::memory_order_relaxed)) {
            while (const std::uint64_t count = take()) {
              last_ = std::chrono::steady_clock::now();
              count_.fetch_add(count, std::memory_order_relaxed);
            }
          }
        }) {}
  ~Reading() { stop(); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  [[nodiscard]] std::uint64_t arrived() const {
    return count_.load(std::memory_order_relaxed);  // relaxed: as above
  }
  /// Stops once nothing more arrives; returns the time of the last message.
  Time stop() {
    stopped_.store(true, std::memory_order_relaxed);  // relaxed: as above
    if (thread_.joinable()) thread_.join();
    return last_;
  }

 private:
  std::atomic<bool> stopped_{false};
  std::atomic<std::uint64_t> count_{0};
  Time last_;
  std::thread thread_;
};

/// Messages delivered per second, from the first send() to the last arrival. One round.
inline void time_delivery(benchmark::State& state, Sender& sender, Reading& reading) {
  constexpr std::chrono::milliseconds kRound(700);
  pin_thread("PRODUCER_CPU");
  Batch batch(kBatchBytes);
  // Until a message arrives: the subscription is then in place.
  do {
    fill(batch);
    send_all(sender, batch);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  } while (reading.arrived() == 0);
  const std::uint64_t before = reading.arrived();
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  for (auto _ : state) {
    const auto begin = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begin < kRound) {
      fill(batch);
      send_all(sender, batch);
      sent += batch.sent_count();
      if (batch.lost().total() != 0) state.SkipWithError("the sender lost messages");
    }
    if (!sender.flush(std::chrono::seconds(10))) state.SkipWithError("could not flush");
    const auto end = reading.stop();
    received = reading.arrived() - before;
    state.SetIterationTime(std::chrono::duration<double>(end - begin).count());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(received));
  state.counters["undelivered"] =
      sent == 0 ? 0 : 1 - static_cast<double>(received) / static_cast<double>(sent);
}

/// One round per repetition; --benchmark_enable_random_interleaving=true mixes those of all rows.
inline void deliver(benchmark::internal::Benchmark* row) {
  row->UseManualTime()->Iterations(1)->Unit(benchmark::kMillisecond);
}

}  // namespace metlog
