#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "metlog/sender.h"
#include "tools/router/http/answer_reader.h"
#include "tools/router/http/body_encoder.h"
#include "tools/router/http/http_body.h"
#include "tools/router/http/http_client.h"
#include "tools/router/http/retry.h"
#include "tools/router/http/settlement.h"
#include "tools/router/output/delivery_log.h"

namespace metlog {

/// Sends messages as bodies of requests and settles each by what the receiver answers, in any
/// order.
///
///   send(): batch -> held, not yet cut -> bodies: due .. in flight -> answered -> settled
///                                           ^------- pause -----------'
///
/// Up to `window` bodies are in work, those that pause for another attempt included, so a receiver
/// that fails is asked no more than that. What it refuses because of some message is cut in halves
/// until the message is found. One thread uses it.
class HttpSender final : public Sender {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Options {
    std::string url = {};                      // as shown
    std::size_t body_bytes = 1024 * 1024;      // of messages in a body, unless one is longer
    std::size_t body_messages = 5000;          // from 1
    std::size_t window = 4;                    // bodies, from 1
    std::size_t held_bytes = 8 * 1024 * 1024;  // of messages that it holds, one batch at least
    BodyMaker::Options body = {};
    RetryLimits retry = {};
    /// How often bodies made of one are cut in halves; 0 to lose it whole.
    std::uint32_t split_limit = 64;
  };
  struct Parts {
    std::unique_ptr<HttpClient> client;
    std::unique_ptr<BodyEncoder> encoder;
    std::unique_ptr<AnswerReader> reader;
    std::shared_ptr<DeliveryLog> log;
    std::function<TimePoint()> now = std::chrono::steady_clock::now;
    std::function<double()> random;  // 0 to below 1; the machine's own when empty
  };

  HttpSender(Options options, Parts parts);

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds limit) override;
  Batch* take_settled() override;
  void abandon() override;
  [[nodiscard]] Handover handover() const override { return Handover::kPeer; }
  std::chrono::nanoseconds idle() override;
  [[nodiscard]] std::string_view url() const override { return options_.url; }

 private:
  struct Held {
    Batch* batch;
    std::size_t next;  // index of the first message that is in no body yet
    std::size_t bytes;
  };
  using Indexes = HttpBody::Indexes;

  // Cutting.
  [[nodiscard]] bool has_room_for(const Batch& batch) const;
  Held* first_uncut();
  void cut(Held& held);
  HttpBody& add_body(Batch& batch, Indexes items);
  // Sending.
  void pump(std::chrono::nanoseconds limit);
  void wait_for_progress(std::chrono::nanoseconds limit);
  void start_due();
  void start(HttpBody& body);
  [[nodiscard]] std::chrono::nanoseconds until_next_start() const;
  // Settling.
  void settle(std::uint64_t id, const HttpAnswer& answer);
  void settle_items(HttpBody& body, const std::vector<ItemResult>& results,
                    const std::string& detail);
  bool split(HttpBody& body);
  void fail(HttpBody& body, std::chrono::nanoseconds asked, LossReason reason,
            const std::string& detail);
  void remove_empty();

  const Options options_;
  Parts parts_;  // without the encoder
  const Backoff backoff_;
  BodyMaker maker_;
  const Settlement settlement_;
  const std::string name_;  // begins the key of each body; unique
  std::uint64_t next_id_ = 1;
  std::deque<Held> held_;
  std::vector<std::unique_ptr<HttpBody>> bodies_;  // the oldest first
  std::size_t held_bytes_ = 0;
  std::size_t in_flight_ = 0;
  TimePoint resume_at_;  // no request before, because the receiver said so
  std::chrono::nanoseconds idle_wait_{0};
};

}  // namespace metlog
