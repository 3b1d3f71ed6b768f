#include "tools/router/prometheus/prometheus_output.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "metlog/internal/text/statsd_text.h"

namespace metlog {
namespace {

using Kind = JsonValue::Kind;

constexpr std::string_view kTaken = "{}";  // in a batch, for a message that is in the store

/// NaN for what is no number.
double number_of(const JsonValue& value) {
  if (value.kind == Kind::kNumber) return value.number;
  const bool is_number =
      value.kind == Kind::kText && value.text.find_first_of("+-.0123456789") == 0;
  return is_number ? leading_number(value.text) : std::nan("");
}

std::string text_of(const DecodedMessage& message, const std::string& part) {
  if (part == "Logger") return std::string(message.logger);
  if (part == "Hostname") return std::string(message.hostname);
  if (part == "Type") return std::string(message.type);
  if (part == "Severity") return fmt::format("{}", message.severity);
  if (part == "Pid") return fmt::format("{}", message.pid);
  const JsonValue value = message.field(part, 0);
  if (value.kind == Kind::kText) return std::string(value.text);
  const bool is_plain = value.kind == Kind::kNumber || value.kind == Kind::kBool;
  return is_plain ? std::string(value.json) : std::string();
}

/// Puts messages into the store. The batch has what became of each, and those that found no room.
class StoreEncoder final : public MessageEncoder {
 public:
  StoreEncoder(std::vector<std::string> parts, std::shared_ptr<MetricStore> store)
      : parts_(std::move(parts)), labels_(parts_.size()), store_(std::move(store)) {}

  bool encode(const DecodedMessage& message, Batch& batch) override {
    constexpr double kSecondsPerMs = 1e-3;
    MetricStore::Sample sample;
    sample.is_timer = message.type == "timer";
    sample.value = number_of(message.payload());
    const double share = number_of(message.field("rate"));
    const double times = share > 0 && share < 1 ? 1 / share : 1;
    if (sample.is_timer) {
      sample.value *= kSecondsPerMs;
      sample.weight = times;
    } else {
      sample.value *= times;
    }
    if (!std::isfinite(sample.value * sample.weight) || sample.value < 0) return false;
    for (std::size_t i = 0; i < parts_.size(); ++i) labels_[i] = text_of(message, parts_[i]);
    name_ = text_of(message, "name");
    sample.name = name_;
    sample.labels = labels_;
    if (store_->add(sample)) {
      put(kTaken, batch);
    } else {
      put(message.raw, batch);
    }
    return true;
  }
  [[nodiscard]] bool is_json() const override { return true; }

 private:
  static void put(std::string_view text, Batch& batch) {
    batch.commit(std::copy(text.begin(), text.end(), batch.reserve(text.size())),
                 Batch::Origin::kUser);
  }

  const std::vector<std::string> parts_;
  std::vector<std::string> labels_;
  std::string name_;
  const std::shared_ptr<MetricStore> store_;
};

}  // namespace

PrometheusSender::PrometheusSender(Options options, std::shared_ptr<MetricStore> store,
                                   std::shared_ptr<DeliveryLog> log)
    : options_(std::move(options)), store_(std::move(store)), log_(std::move(log)) {}

std::unique_ptr<MessageEncoder> PrometheusSender::routed(std::unique_ptr<MessageEncoder>) {
  return std::make_unique<StoreEncoder>(options_.parts, store_);
}

SendResult PrometheusSender::send(Batch& batch) {
  bool has_lost = false;
  while (!batch.is_done()) {
    if (batch.message(0) == kTaken) {
      batch.take_messages(1);
    } else {
      batch.lose_message(LossReason::kRefused);
      has_lost = true;
    }
  }
  if (has_lost) {
    log_->note_error(
        fmt::format("no room for a series: there are {}, as many as max_series allows, or its "
                    "name and labels are over 4 KiB",
                    store_->options().max_series));
  }
  return SendResult::kSent;
}

}  // namespace metlog
