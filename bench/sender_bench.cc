// How many messages of 250 bytes a second each sender takes, in batches of 64 KiB. Only send() is
// timed; while it says kBusy the sender is asked again. Readers run on a thread of their own and
// count what arrives: `received` beside `sent` tells what a datagram socket lost on its way.
// PRODUCER_CPU pins the sending thread.
#include <benchmark/benchmark.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <zmq.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>

#include "bench/pin_thread.h"
#include "metlog/flush/make_sender.h"

namespace metlog {
namespace {

constexpr std::size_t kMessageBytes = 250;
constexpr std::size_t kBatchBytes = 64 * 1024;
constexpr int kReadTimeoutMs = 20;

void fill(Batch& batch) {
  batch.clear();
  while (!batch.is_full()) {
    char* const out = batch.reserve(kMessageBytes);
    std::memset(out, 'x', kMessageBytes);
    batch.commit(out + kMessageBytes, Batch::Origin::kUser);
  }
}

std::unique_ptr<Sender> make_or_exit(const std::string& url) {
  absl::StatusOr<std::unique_ptr<Sender>> sender = make_sender(url);
  if (sender.ok()) return *std::move(sender);
  std::fprintf(stderr, "%s\n", std::string(sender.status().message()).c_str());
  std::exit(2);
}

void send_all(Sender& sender, Batch& batch) {
  while (sender.send(batch) == SendResult::kBusy) std::this_thread::yield();
}

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
  state.counters["sent"] = static_cast<double>(sent);
}

// Reads on a thread of its own, as long as it lives; `take` waits at most kReadTimeoutMs for one.
class Reading {
 public:
  template <class Take>
  explicit Reading(Take take)
      : thread_([this, take] {
          // relaxed, both: join() orders the rest
          while (!stopped_.load(std::memory_order_relaxed)) {
            while (take()) count_.fetch_add(1, std::memory_order_relaxed);
          }
        }) {}
  ~Reading() { stop(); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;

  /// Ends the reading once nothing more comes; how many messages arrived.
  std::uint64_t stop() {
    stopped_.store(true, std::memory_order_relaxed);  // relaxed: as above
    if (thread_.joinable()) thread_.join();
    return count_.load(std::memory_order_relaxed);  // relaxed: as above
  }

 private:
  std::atomic<bool> stopped_{false};
  std::atomic<std::uint64_t> count_{0};
  std::thread thread_;
};

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

void HowFastDoesUdpOnLoopbackTakeMessages(benchmark::State& state) {
  const int fd = socket(AF_INET, SOCK_DGRAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  const timeval timeout{0, kReadTimeoutMs * 1000};
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0 ||
      setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof timeout) != 0) {
    std::abort();
  }
  Reading reading([fd] {
    std::array<char, 2 * kMessageBytes> datagram;
    return recv(fd, datagram.data(), datagram.size(), 0) > 0;
  });
  time_sending(state, "udp://127.0.0.1:" + std::to_string(ntohs(address.sin_port)));
  state.counters["received"] = static_cast<double>(reading.stop());
  close(fd);
}

void HowFastDoesASubscriberOnTcpTakeMessages(benchmark::State& state) {
  void* const context = zmq_ctx_new();
  void* const socket = zmq_socket(context, ZMQ_SUB);
  std::array<char, 256> endpoint{};
  std::size_t size = endpoint.size();
  zmq_setsockopt(socket, ZMQ_SUBSCRIBE, "", 0);
  zmq_setsockopt(socket, ZMQ_RCVTIMEO, &kReadTimeoutMs, sizeof kReadTimeoutMs);
  if (zmq_bind(socket, "tcp://127.0.0.1:*") != 0 ||
      zmq_getsockopt(socket, ZMQ_LAST_ENDPOINT, endpoint.data(), &size) != 0) {
    std::abort();
  }
  {
    Reading reading([socket] {
      std::array<char, 2 * kMessageBytes> frame;
      return zmq_recv(socket, frame.data(), frame.size(), 0) > 0;
    });
    time_sending(state, "zmq+" + std::string(endpoint.data()));
    state.counters["received"] = static_cast<double>(reading.stop());
  }
  zmq_close(socket);
  zmq_ctx_term(context);
}

// A bound, for the file grows with every batch.
BENCHMARK(HowFastDoesAFileTakeMessages)->UseManualTime()->Iterations(2000);
BENCHMARK(HowFastDoesDevNullTakeMessages)->UseManualTime();
BENCHMARK(HowFastDoesTheNullSenderTakeMessages)->UseManualTime();
BENCHMARK(HowFastDoesUdpOnLoopbackTakeMessages)->UseManualTime();
BENCHMARK(HowFastDoesASubscriberOnTcpTakeMessages)->UseManualTime();

}  // namespace
}  // namespace metlog
