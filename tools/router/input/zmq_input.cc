#include "tools/router/input/zmq_input.h"

#include <zmq.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "metlog/internal/codec/frame_header.h"

namespace metlog {
namespace {

// What ZMQ queues for each peer before the peer's own queue has to. It counts frames, so their
// number follows their length: what lies there while the inputs are held is about kQueueBytes.
constexpr std::size_t kQueueBytes = 8 * 1024 * 1024;
constexpr std::size_t kMinHighWater = 32;
constexpr std::size_t kMaxHighWater = 1000;
// Turns in which all frames are short before more of them are queued again.
constexpr int kShortTurns = 1000;
// libzmq answers a frame over ZMQ_MAXMSGSIZE by closing the connection, which loses other messages
// too. A client that is slightly over the limit loses that one message only. Not more than that:
// each of many peers may leave a frame of this length unfinished.
constexpr std::size_t kHeadroomShare = 16;
constexpr std::size_t kMinHeadroom = 4096;

}  // namespace

/// The frame received last. A batched frame is read in place: it is long, and few of its lines need
/// the padding. A plain one is copied to a buffer that has padding, where the sink needs it.
struct ZmqInput::Received {
  Received() { zmq_msg_init(&zmq); }
  ~Received() { zmq_msg_close(&zmq); }
  Received(const Received&) = delete;
  Received& operator=(const Received&) = delete;

  zmq_msg_t zmq;
};

absl::StatusOr<std::unique_ptr<ZmqInput>> ZmqInput::open(std::string_view endpoint,
                                                         std::size_t max_frame, Reach reach,
                                                         const std::optional<CurveServer>& curve) {
  auto socket = BoundZmqSocket::open(ZMQ_SUB, endpoint, reach);
  if (!socket.ok()) return socket.status();
  if (curve.has_value()) {
    if (absl::Status status = (*socket)->set_curve(*curve); !status.ok()) return status;
  }
  (*socket)->set(ZMQ_RCVHWM, static_cast<int>(kMaxHighWater));
  (*socket)->set_max_frame_bytes(max_frame + std::max(max_frame / kHeadroomShare, kMinHeadroom));
  zmq_setsockopt((*socket)->get(), ZMQ_SUBSCRIBE, "", 0);
  // Says that batched frames are read here; others take it for one more topic.
  constexpr std::string_view kTopic = FrameHeader::kTopic;
  zmq_setsockopt((*socket)->get(), ZMQ_SUBSCRIBE, kTopic.data(), kTopic.size());
  if (absl::Status status = (*socket)->bind(); !status.ok()) return status;
  return std::unique_ptr<ZmqInput>(new ZmqInput(*std::move(socket), max_frame));
}

ZmqInput::ZmqInput(std::unique_ptr<BoundZmqSocket> socket, std::size_t max_frame)
    : socket_(std::move(socket)),
      max_frame_(max_frame),
      message_(std::make_unique<Received>()),
      text_(new char[max_frame + kFramePadding]),
      high_water_(kMaxHighWater) {}

ZmqInput::~ZmqInput() = default;

std::size_t ZmqInput::poll(FrameSink& sink, std::size_t max_frames) {
  std::size_t taken = 0;
  std::size_t longest = 0;
  while (taken < max_frames) {
    if (zmq_msg_recv(&message_->zmq, socket_->get(), ZMQ_DONTWAIT) < 0) {
      if (zmq_errno() != EAGAIN && zmq_errno() != EINTR) ++counts_.errors;
      break;
    }
    ++taken;
    ++counts_.frames;
    longest = std::max(longest, zmq_msg_size(&message_->zmq));
    if (!sink.take(frame_of(
            {static_cast<const char*>(zmq_msg_data(&message_->zmq)), zmq_msg_size(&message_->zmq)},
            sink))) {
      break;
    }
  }
  last_taken_ = taken;
  if (taken > 0) adapt_high_water(longest);
  return taken;
}

InputCounts ZmqInput::counts() const {
  InputCounts counts = counts_;
  counts.refused_clients = socket_->refused_clients();
  return counts;
}

std::string ZmqInput::peer() const {
  const char* const address = zmq_msg_gets(&message_->zmq, "Peer-Address");
  return address != nullptr ? address : "";
}

bool ZmqInput::is_dry() {
  if (last_taken_ == 0) return socket_->drain().is_dry();
  socket_->drain().restart();
  return false;
}

// libzmq applies it to the connections that there are, too.
void ZmqInput::adapt_high_water(std::size_t longest_frame) {
  const std::size_t wanted = std::clamp(kQueueBytes / std::max<std::size_t>(longest_frame, 1),
                                        kMinHighWater, kMaxHighWater);
  if (wanted <= high_water_) short_turns_ = 0;
  if (wanted == high_water_ || (wanted > high_water_ && ++short_turns_ < kShortTurns)) return;
  high_water_ = wanted;
  socket_->set(ZMQ_RCVHWM, static_cast<int>(wanted));
}

// As if one peer had sent all: each has a queue of its own. The router reads when an eighth is
// full; of this queue it may be half, for a full one stops the peer and loses nothing.
double ZmqInput::fill() const {
  return static_cast<double>(last_taken_) / (4.0 * static_cast<double>(high_water_));
}

Frame ZmqInput::frame_of(std::string_view received, const FrameSink& sink) {
  const std::string_view text = received.substr(0, max_frame_);
  if (is_batched_frame(text) || !sink.needs_padding()) return {text, received.size()};
  text.copy(text_.get(), text.size());
  return {{text_.get(), text.size()}, received.size()};
}

}  // namespace metlog
