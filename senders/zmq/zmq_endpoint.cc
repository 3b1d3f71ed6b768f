#include "senders/zmq/zmq_endpoint.h"

#include <zmq.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "senders/zmq/zmq_connection.h"

namespace metlog {
namespace {

// A new connection costs some system calls.
constexpr std::chrono::milliseconds kTurnInterval{50};
// For room in libzmq's queue. The first may end at once, by news from before.
constexpr std::chrono::milliseconds kRoomWait{5};
constexpr int kMaxWaits = 2;
// As often as the thread of a queue wakes anyway.
constexpr std::chrono::seconds kIdleLook{1};

}  // namespace

absl::StatusOr<std::unique_ptr<ZmqEndpoint>> ZmqEndpoint::open(const Options& options) {
  ZmqAddresses addresses(options.endpoint);
  absl::StatusOr<std::unique_ptr<ZmqConnection>> connection =
      ZmqConnection::open(addresses.current(), {options.hwm, options.link, options.counts});
  if (!connection.ok()) return connection.status();
  return std::unique_ptr<ZmqEndpoint>(
      new ZmqEndpoint(options, std::move(addresses), *std::move(connection)));
}

ZmqEndpoint::ZmqEndpoint(Options options, ZmqAddresses addresses,
                         std::unique_ptr<ZmqConnection> connection)
    : options_(std::move(options)),
      addresses_(std::move(addresses)),
      connection_(std::move(connection)),
      plain_(marks_),
      batched_(options_.max_frame, marks_),
      retry_deadline_(options_.hold) {}

ZmqEndpoint::~ZmqEndpoint() = default;

bool ZmqEndpoint::send(const Batch& batch, std::size_t count) {
  if (gave_up_.has_value() || taken_ == count) return true;
  if (!connection_->has_subscriber()) {
    try_next_address();
    return wait_or_give_up(LossReason::kNoReceiver);
  }
  int waits = 0;
  while (taken_ < count) {
    if (const std::size_t sent = send_frame(batch, count); sent > 0) {
      taken_ += sent;
      retry_deadline_.rearm();
      connection_->note_sent();
      waits = 0;
    } else if (::zmq_errno() == EAGAIN) {
      if (options_.is_one_of_several) return wait_or_give_up(LossReason::kQueueFull);
      // The queue's thread would sleep for up to 5 ms, in which libzmq sends it all and more.
      if (++waits > kMaxWaits) return false;
      connection_->wait_for_news(kRoomWait);
    } else if (::zmq_errno() != EINTR) {
      return give_up(LossReason::kRefused);
    }
  }
  return true;
}

// A frame that libzmq still holds would go with its connection.
void ZmqEndpoint::try_next_address() {
  const bool may_turn = addresses_.all().size() > 1 && connection_->has_failed();
  if (!(may_turn || connection_->has_ended()) || !marks_->all_freed()) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_turn_) return;
  next_turn_ = now + kTurnInterval;
  addresses_.turn();
  auto next =
      ZmqConnection::open(addresses_.current(), {options_.hwm, options_.link, options_.counts});
  if (!next.ok()) return;
  (*next)->replace(*connection_);
  connection_ = *std::move(next);
}

bool ZmqEndpoint::wait_or_give_up(LossReason reason) {
  return !retry_deadline_.lasts() && give_up(reason);
}

bool ZmqEndpoint::give_up(LossReason reason) {
  gave_up_ = reason;
  return true;
}

bool ZmqEndpoint::is_batched() const {
  return options_.framing == Framing::kBatched ||
         (options_.framing == Framing::kAsAsked && connection_->reads_batched());
}

std::size_t ZmqEndpoint::send_frame(const Batch& batch, std::size_t end) {
  if (!is_batched()) return plain_.send(connection_->socket(), batch, taken_, end);
  if (options_.framing == Framing::kAsAsked && !has_room_for_batched()) {
    errno = EAGAIN;  // zmq_errno() returns it
    return 0;
  }
  return batched_.send(connection_->socket(), batch, taken_, end);
}

// libzmq's own limit cannot be lowered for a connection: a reader that has read everything would
// not say so before the old limit's half.
bool ZmqEndpoint::has_room_for_batched() const {
  const std::uint64_t queued = marks_->pending() - (batched_.has_made() ? 1 : 0);
  return queued < static_cast<std::uint64_t>(options_.batched_hwm);
}

void ZmqEndpoint::restart() {
  taken_ = 0;
  gave_up_.reset();
}

bool ZmqEndpoint::is_foreign() const { return connection_->context().is_foreign(); }

bool ZmqEndpoint::poll_flushed() {
  return connection_->poll_flushed(marks_->ends_marked() && marks_->all_freed());
}

std::chrono::nanoseconds ZmqEndpoint::idle() {
  const auto now = std::chrono::steady_clock::now();
  if (now >= next_look_) {
    connection_->has_subscriber();
    next_look_ = now + kIdleLook;
  }
  return std::min(
      {plain_.idle(now), batched_.idle(now), std::chrono::nanoseconds(next_look_ - now)});
}

}  // namespace metlog
