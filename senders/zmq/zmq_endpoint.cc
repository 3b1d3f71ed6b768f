#include "senders/zmq/zmq_endpoint.h"

#include <zmq.h>

#include <cerrno>
#include <utility>

#include "senders/zmq/zmq_connection.h"

namespace metlog {

absl::StatusOr<std::unique_ptr<ZmqEndpoint>> ZmqEndpoint::open(const Options& options) {
  absl::StatusOr<std::unique_ptr<ZmqConnection>> connection =
      ZmqConnection::open(options.endpoint, options.hwm);
  if (!connection.ok()) return connection.status();
  return std::unique_ptr<ZmqEndpoint>(new ZmqEndpoint(options, *std::move(connection)));
}

ZmqEndpoint::ZmqEndpoint(Options options, std::unique_ptr<ZmqConnection> connection)
    : options_(std::move(options)),
      connection_(std::move(connection)),
      batched_(options_.max_frame == 0 ? nullptr
                                       : std::make_unique<BatchedFrames>(options_.max_frame)),
      retry_deadline_(options_.hold) {}

ZmqEndpoint::~ZmqEndpoint() = default;

bool ZmqEndpoint::send(const Batch& batch) {
  if (gave_up_.has_value() || taken_ == batch.remaining_count()) return true;
  if (connection_ == nullptr) {
    absl::StatusOr<std::unique_ptr<ZmqConnection>> connection =
        ZmqConnection::open(options_.endpoint, options_.hwm);
    if (!connection.ok()) return give_up(LossReason::kRefused);
    connection_ = *std::move(connection);
  }
  if (!connection_->has_subscriber()) return wait_or_give_up(LossReason::kNoReceiver);
  while (taken_ < batch.remaining_count()) {
    if (const std::size_t count = send_frame(batch); count > 0) {
      taken_ += count;
      retry_deadline_.rearm();
      may_hold_something_ = true;
    } else if (::zmq_errno() == EAGAIN) {
      return options_.is_one_of_several && wait_or_give_up(LossReason::kQueueFull);
    } else if (::zmq_errno() != EINTR) {
      return give_up(LossReason::kRefused);
    }
  }
  return true;
}

bool ZmqEndpoint::wait_or_give_up(LossReason reason) {
  return !retry_deadline_.lasts() && give_up(reason);
}

bool ZmqEndpoint::give_up(LossReason reason) {
  gave_up_ = reason;
  return true;
}

std::size_t ZmqEndpoint::send_frame(const Batch& batch) {
  return batched_ == nullptr ? send_plain_frame(connection_->socket(), batch, taken_)
                             : batched_->send(connection_->socket(), batch, taken_);
}

void ZmqEndpoint::restart() {
  taken_ = 0;
  gave_up_.reset();
}

bool ZmqEndpoint::is_foreign() const {
  return connection_ != nullptr && connection_->context().is_foreign();
}

bool ZmqEndpoint::poll_quiet() { return connection_->poll_quiet(); }

std::chrono::nanoseconds ZmqEndpoint::idle() {
  return batched_ == nullptr ? std::chrono::nanoseconds::max() : batched_->idle();
}

bool ZmqEndpoint::close(std::chrono::steady_clock::time_point deadline) {
  const bool is_out = connection_->close(deadline);
  connection_.reset();
  may_hold_something_ = false;
  return is_out;
}

}  // namespace metlog
