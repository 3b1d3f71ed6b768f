#include "tools/metlog/tune/receiver.h"

#include <poll.h>

#include <algorithm>

#include "metlog/codec/frame_header.h"
#include "tools/metlog/tune/monotonic_time.h"
#include "tools/metlog/tune/udp_receiver.h"
#include "tools/metlog/tune/zmq_receiver.h"

namespace metlog {
namespace {

// As the encoder writes it: the type stands first.
constexpr std::string_view kEngineMessage = "{\"type\":\"metlog.loss\"";
constexpr std::int64_t kQuietNs = 150'000'000;
constexpr int kLookMs = 2;

}  // namespace

std::int64_t user_messages_in(std::string_view frame) {
  if (!is_batched_frame(frame)) return frame.starts_with(kEngineMessage) ? 0 : 1;
  FrameError error{};
  const std::optional<ReadFrame> read = read_frame(frame, error);
  if (!read.has_value()) return -1;
  std::int64_t messages = read->header.count;
  for (std::size_t at = read->body.find(kEngineMessage); at != std::string_view::npos;
       at = read->body.find(kEngineMessage, at + 1)) {
    if (at == 0 || read->body[at - 1] == '\n') --messages;
  }
  return messages;
}

absl::StatusOr<std::unique_ptr<Receiver>> Receiver::open(Transport transport,
                                                         const std::string& ipc_path) {
  if (is_udp(transport)) return UdpReceiver::open();
  return ZmqReceiver::open(is_ipc(transport) ? "ipc://" + ipc_path : "tcp://127.0.0.1:*");
}

void Receiver::start() {
  thread_ = std::thread([this] {
    while (!stopping_.load(std::memory_order_relaxed)) step();  // relaxed: a switch
  });
}

void Receiver::stop() {
  stopping_.store(true, std::memory_order_relaxed);  // relaxed: a switch
  if (thread_.joinable()) thread_.join();
}

void Receiver::count(std::string_view frame) {
  const std::int64_t messages = user_messages_in(frame);
  if (messages < 0) {
    ++counted_.damaged;
  } else {
    counted_.messages += static_cast<std::uint64_t>(messages);
  }
}

void Receiver::publish() {
  // relaxed, both: progress for finish(), which reads the rest behind the thread's end
  messages_.store(counted_.messages, std::memory_order_relaxed);
  counted_.last_ns = monotonic_time_ns();
  last_ns_.store(counted_.last_ns, std::memory_order_relaxed);
}

Arrival Receiver::finish(std::uint64_t expected) {
  const std::int64_t begin_ns = monotonic_time_ns();
  // relaxed, both: see publish()
  while (messages_.load(std::memory_order_relaxed) < expected) {
    const std::int64_t last_ns = std::max(last_ns_.load(std::memory_order_relaxed), begin_ns);
    if (monotonic_time_ns() - last_ns > kQuietNs) break;
    poll(nullptr, 0, kLookMs);
  }
  stop();
  return counted_;
}

}  // namespace metlog
