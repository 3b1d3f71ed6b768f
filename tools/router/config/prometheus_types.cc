#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "tools/router/config/endpoint_types.h"
#include "tools/router/prometheus/metric_name.h"
#include "tools/router/prometheus/prometheus_output.h"

namespace metlog {
namespace {

/// The names of the labels that these parts of a message are shown by.
std::vector<std::string> read_labels(Settings& settings, const std::vector<std::string>& parts) {
  std::vector<std::string> names;
  for (const std::string& part : parts) {
    std::string name = part == "Logger"     ? "logger"
                       : part == "Hostname" ? "host"
                       : part == "Type"     ? "type"
                       : part == "Severity" ? "severity"
                       : part == "Pid"      ? "pid"
                                            : label_name(part);
    if (std::find(names.begin(), names.end(), name) != names.end()) {
      settings.refuse("labels", fmt::format("has {} twice, once as {}; leave one out", name, part));
    }
    names.push_back(std::move(name));
  }
  return names;
}

std::vector<double> read_buckets(Settings& settings) {
  std::vector<double> buckets =
      settings.numbers("buckets", {1e-9, 1e9, 0}, MetricStore::Options().buckets);
  if (settings.is_empty_list("buckets") || buckets.size() > 100) {
    settings.refuse("buckets", "holds no number, or more than 100; write seconds, as [0.1, 1]");
  } else if (std::adjacent_find(buckets.begin(), buckets.end(), std::greater_equal<>()) !=
             buckets.end()) {
    settings.refuse("buckets", "does not rise; write each end once, in seconds, as [0.01, 0.1, 1]");
  }
  return buckets;
}

}  // namespace

OpenSender read_prometheus_output(Settings& settings, Output::Options& options) {
  MetricStore::Options store;
  store.prefix = settings.text("prefix");
  if (!store.prefix.empty() && store.prefix != metric_name(store.prefix)) {
    settings.refuse("prefix",
                    fmt::format("is no name of a metric; write \"{}\"", metric_name(store.prefix)));
  }
  store.buckets = read_buckets(settings);
  std::vector<std::string> parts = {"Logger"};
  if (settings.has("labels")) parts = settings.texts("labels");
  store.labels = read_labels(settings, parts);
  store.max_series = static_cast<std::size_t>(
      settings.integer("max_series", {.min = 1, .max = 100'000, .preset = 1000}));
  if (settings.has("encoder")) {
    settings.refuse("encoder", "has no effect: what is shown has one format; remove it");
  }
  options.match.types = {"counter", "timer"};
  const std::string url = fmt::format("prometheus:{}", options.name);
  if (options.log == nullptr) {
    options.log = std::make_shared<DeliveryLog>(options.name.empty() ? url : options.name,
                                                options.dead_letters);
  }
  auto metrics = std::make_shared<MetricStore>(std::move(store));
  options.metrics = metrics;
  return [url, parts, metrics, log = options.log]() -> absl::StatusOr<std::unique_ptr<Sender>> {
    return std::make_unique<PrometheusSender>(PrometheusSender::Options{url, parts}, metrics, log);
  };
}

}  // namespace metlog
