#include "senders/zmq_sender.h"

#include <zmq.h>

#include <algorithm>
#include <cerrno>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "senders/url_options.h"
#include "senders/zmq_link.h"

namespace metlog {
namespace {

constexpr std::int64_t kHoldMs = 2000;
constexpr std::int64_t kPlainFramesHeld = 1000;
/// A batch of 64 KiB is handed over by the message that fills it, and should go in one frame.
constexpr std::int64_t kDefaultFrame = 72 * 1024;
constexpr std::int64_t kSmallestFrame = 1024;
/// What metlogd takes, unless told to take longer messages.
constexpr std::int64_t kLargestFrame = 1 << 20;
constexpr std::int64_t kBatchedBytesHeld = 4 << 20;

absl::StatusOr<std::string> endpoint_of(const Url& url) {
  const std::string scheme(absl::StripPrefix(url.scheme, "zmq+"));
  if (scheme == "ipc") {
    const std::string path = absl::StrCat(url.authority, url.path);
    if (!path.empty()) return absl::StrCat("ipc://", path);
    return absl::InvalidArgumentError(
        absl::StrCat("'", url.text, "' lacks a path; write ", url.scheme, ":///path"));
  }
  const absl::StatusOr<HostAndPort> target = host_and_port(url);
  if (!target.ok()) return target.status();
  const bool is_ipv6 = target->host.find(':') != std::string::npos;
  return absl::StrCat("tcp://", is_ipv6 ? "[" : "", target->host, is_ipv6 ? "]:" : ":",
                      target->port);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sender>> ZmqSender::open(const Url& url) {
  UrlOptions query(url);
  const bool batched = query.flag("batch");
  const std::int64_t max_frame =
      query.number("max_frame", {kSmallestFrame, kLargestFrame, kDefaultFrame});
  query.only_if(batched, "max_frame", "batch=1");
  const std::int64_t frames_held =
      batched ? std::max<std::int64_t>(kBatchedBytesHeld / max_frame, 1) : kPlainFramesHeld;
  const auto hwm = static_cast<int>(query.number("hwm", {1, 1'000'000, frames_held}));
  const std::chrono::milliseconds hold = query.milliseconds("hold_ms", kHoldMs);
  if (!query.status().ok()) return query.status();
  const absl::StatusOr<std::string> endpoint = endpoint_of(url);
  if (!endpoint.ok()) return endpoint.status();
  absl::StatusOr<std::unique_ptr<ZmqLink>> link = ZmqLink::open(*endpoint, hwm);
  if (!link.ok()) return link.status();
  return std::unique_ptr<Sender>(new ZmqSender(
      url.text, Options{*endpoint, hwm, hold}, *std::move(link),
      batched ? std::make_unique<BatchedFrames>(static_cast<std::size_t>(max_frame)) : nullptr));
}

ZmqSender::ZmqSender(std::string url, const Options& options, std::unique_ptr<ZmqLink> link,
                     std::unique_ptr<BatchedFrames> batched)
    : url_(std::move(url)),
      options_(options),
      link_(std::move(link)),
      batched_(std::move(batched)),
      hold_(options.hold) {}

ZmqSender::~ZmqSender() = default;

SendResult ZmqSender::send(Batch& batch) {
  if (link_ != nullptr && link_->context().is_foreign()) {
    batch.lose_rest(LossReason::kForked);
    return SendResult::kLost;
  }
  if (link_ == nullptr) {
    absl::StatusOr<std::unique_ptr<ZmqLink>> link = ZmqLink::open(options_.endpoint, options_.hwm);
    if (!link.ok()) {
      batch.lose_rest(LossReason::kRefused);
      return SendResult::kLost;
    }
    link_ = *std::move(link);
  }
  if (link_->is_heard()) {
    hold_.rearm();
    return send_heard(batch);
  }
  if (hold_.lasts()) return SendResult::kBusy;
  batch.lose_rest(LossReason::kNoReceiver);
  return SendResult::kLost;
}

SendResult ZmqSender::send_heard(Batch& batch) {
  while (!batch.is_done()) {
    if (const std::size_t count = send_frame(batch); count > 0) {
      batch.take_messages(count);
      may_hold_something_ = true;
    } else if (::zmq_errno() == EAGAIN) {
      return SendResult::kBusy;
    } else if (::zmq_errno() != EINTR) {
      batch.lose_rest(LossReason::kRefused);
      return SendResult::kLost;
    }
  }
  return SendResult::kSent;
}

std::size_t ZmqSender::send_frame(const Batch& batch) {
  return batched_ == nullptr ? send_plain_frame(link_->socket(), batch)
                             : batched_->send(link_->socket(), batch);
}

bool ZmqSender::flush(std::chrono::nanoseconds limit) {
  if (link_ == nullptr || !may_hold_something_) return true;
  if (link_->context().is_foreign()) return false;
  const auto deadline = std::chrono::steady_clock::now() + std::max(limit, limit.zero());
  const bool flushed = link_->close(deadline);
  link_.reset();
  may_hold_something_ = false;
  return flushed;
}

}  // namespace metlog
