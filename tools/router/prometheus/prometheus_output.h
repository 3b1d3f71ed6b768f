#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/sender.h"
#include "tools/router/output/delivery_log.h"
#include "tools/router/output/message_encoder.h"
#include "tools/router/prometheus/metric_store.h"

namespace metlog {

/// Adds counters and timers to a MetricStore; what is in it counts as written. A message of a
/// series beyond the store's limit is lost as kRefused; one with a negative or endless value, or
/// without a number, has no form.
class PrometheusSender final : public Sender, public RoutesMessages {
 public:
  struct Options {
    std::string url = "prometheus:";  // as shown
    /// For each of the store's labels: Logger, Hostname, Type, Severity, Pid, or a field's name.
    std::vector<std::string> parts = {};
  };

  PrometheusSender(Options options, std::shared_ptr<MetricStore> store,
                   std::shared_ptr<DeliveryLog> log);

  /// Must encode what this sender gets.
  std::unique_ptr<MessageEncoder> routed(std::unique_ptr<MessageEncoder> encoder) override;

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return options_.url; }

 private:
  const Options options_;
  const std::shared_ptr<MetricStore> store_;
  const std::shared_ptr<DeliveryLog> log_;
};

}  // namespace metlog
