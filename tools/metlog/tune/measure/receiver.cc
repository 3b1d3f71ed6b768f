#include "tools/metlog/tune/measure/receiver.h"

#include <poll.h>

#include "metlog/internal/codec/frame_header.h"
#include "tools/metlog/tune/measure/monotonic_time.h"
#include "tools/metlog/tune/measure/udp_receiver.h"
#include "tools/metlog/tune/measure/zmq_receiver.h"

namespace metlog {
namespace {

// As the encoder writes it: the type stands first.
constexpr std::string_view kEngineMessage = "{\"type\":\"metlog.loss\"";
// Looks in a row that find nothing until what is missing counts as lost. Not a time: a receiver
// that gets no processor has not looked.
constexpr std::uint64_t kQuietLooks = 8;
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
    while (!stopping_.load(std::memory_order_relaxed)) {  // relaxed: a switch
      // relaxed: progress for finish()
      if (!step()) empty_looks_.fetch_add(1, std::memory_order_relaxed);
    }
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
  // relaxed: progress for finish(), which reads the rest behind the thread's end
  messages_.store(counted_.messages, std::memory_order_relaxed);
  counted_.last_ns = monotonic_time_ns();
}

Arrival Receiver::finish(std::uint64_t expected) {
  // relaxed, all: see publish() and start()
  std::uint64_t arrived = messages_.load(std::memory_order_relaxed);
  std::uint64_t looks = empty_looks_.load(std::memory_order_relaxed);
  while (arrived < expected &&
         empty_looks_.load(std::memory_order_relaxed) - looks <= kQuietLooks) {
    poll(nullptr, 0, kLookMs);
    const std::uint64_t now = messages_.load(std::memory_order_relaxed);
    if (now == arrived) continue;
    arrived = now;
    looks = empty_looks_.load(std::memory_order_relaxed);
  }
  stop();
  return counted_;
}

}  // namespace metlog
