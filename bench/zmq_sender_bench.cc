// Messages of 250 bytes per second that reach a subscriber on tcp: from libzmq by itself with the
// same bytes in the same frames (the floor), and from our sender, plain and batched. The reader is
// a SUB that counts, and verifies the checksum of batched frames.
#include <zmq.h>

#include <array>

#include "bench/delivery.h"

namespace metlog {
namespace {

constexpr int kReadTimeoutMs = 20;

std::string_view bytes_of(zmq_msg_t& frame) {
  return {static_cast<const char*>(zmq_msg_data(&frame)), zmq_msg_size(&frame)};
}

/// A SUB on a port of the kernel's choice, and the thread that reads it.
class Subscription {
 public:
  Subscription() {
    std::size_t size = endpoint_.size();
    zmq_setsockopt(socket_, ZMQ_SUBSCRIBE, "", 0);
    zmq_setsockopt(socket_, ZMQ_RCVTIMEO, &kReadTimeoutMs, sizeof kReadTimeoutMs);
    if (zmq_bind(socket_, "tcp://127.0.0.1:*") != 0 ||
        zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, endpoint_.data(), &size) != 0) {
      std::abort();
    }
    reading_ = std::make_unique<Reading>([this] { return take(); });
  }
  ~Subscription() {
    reading_.reset();
    zmq_close(socket_);
    zmq_ctx_term(context_);
  }
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

  [[nodiscard]] std::string endpoint() const { return endpoint_.data(); }
  Reading& reading() { return *reading_; }

 private:
  std::uint64_t take() {
    zmq_msg_t frame;
    zmq_msg_init(&frame);
    const int size = zmq_msg_recv(&frame, socket_, 0);
    const std::uint64_t count = size < 0 ? 0 : messages_in(bytes_of(frame));
    zmq_msg_close(&frame);
    return count;
  }

  void* const context_ = zmq_ctx_new();
  void* const socket_ = zmq_socket(context_, ZMQ_SUB);
  std::array<char, 256> endpoint_{};
  std::unique_ptr<Reading> reading_;
};

/// libzmq alone: a publisher that waits at its high-water mark instead of losing.
class RawPublisher final : public Sender {
 public:
  enum class Frames { kOfAMessage, kOfABatch };

  RawPublisher(const std::string& endpoint, Frames frames) : frames_(frames) {
    const int on = 1;
    const int hwm = frames == Frames::kOfABatch ? 56 : 1000;  // as our sender's presets
    zmq_setsockopt(socket_, ZMQ_XPUB_NODROP, &on, sizeof on);
    zmq_setsockopt(socket_, ZMQ_SNDHWM, &hwm, sizeof hwm);
    std::array<char, 8> subscription;
    if (zmq_connect(socket_, endpoint.c_str()) != 0 ||
        zmq_recv(socket_, subscription.data(), subscription.size(), 0) < 0) {
      std::abort();
    }
  }
  ~RawPublisher() override {
    zmq_close(socket_);
    zmq_ctx_term(context_);
  }

  SendResult send(Batch& batch) override {
    while (!batch.is_done()) {
      if (frames_ == Frames::kOfABatch) {
        const std::string_view all = batch.remaining_bytes();
        if (zmq_send(socket_, all.data(), all.size(), 0) < 0) std::abort();
        batch.take_messages(batch.remaining_count());
      } else {
        const std::string_view message = batch.message(0);
        if (zmq_send(socket_, message.data(), message.size(), 0) < 0) std::abort();
        batch.take_messages(1);
      }
    }
    return SendResult::kSent;
  }
  // Closing lingers until everything is written.
  bool flush(std::chrono::nanoseconds) override {
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
    return true;
  }
  [[nodiscard]] std::string_view url() const override { return "raw"; }

 private:
  const Frames frames_;
  void* const context_ = zmq_ctx_new();
  void* const socket_ = zmq_socket(context_, ZMQ_XPUB);
};

void zmq_floor_frame_a_message(benchmark::State& state) {
  Subscription subscription;
  RawPublisher raw(subscription.endpoint(), RawPublisher::Frames::kOfAMessage);
  time_delivery(state, raw, subscription.reading());
}
// In frames of 262 messages each.
void zmq_floor_frame_a_batch(benchmark::State& state) {
  Subscription subscription;
  RawPublisher raw(subscription.endpoint(), RawPublisher::Frames::kOfABatch);
  time_delivery(state, raw, subscription.reading());
}
void time_ours(benchmark::State& state, const char* options) {
  Subscription subscription;
  const auto sender = make_or_exit("zmq+" + subscription.endpoint() + options);
  time_delivery(state, *sender, subscription.reading());
}
void zmq_plain(benchmark::State& state) { time_ours(state, ""); }
void zmq_batched(benchmark::State& state) { time_ours(state, "?batch=1"); }

BENCHMARK(zmq_floor_frame_a_message)->Apply(deliver);
BENCHMARK(zmq_plain)->Apply(deliver);
BENCHMARK(zmq_floor_frame_a_batch)->Apply(deliver);
BENCHMARK(zmq_batched)->Apply(deliver);

}  // namespace
}  // namespace metlog
