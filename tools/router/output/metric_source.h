#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace metlog {

/// An output that keeps sums of its messages for others to read. Any thread.
class MetricSource {
 public:
  virtual ~MetricSource() = default;

  /// All of them in the text format of Prometheus.
  [[nodiscard]] virtual std::string exposition() const = 0;

  /// One counter, or one timer with its percentiles.
  struct Row {
    std::string name;    // as messages have it
    std::string labels;  // "logger=shop"; empty without labels
    bool is_timer = false;
    double count = 0;  // of a timer's calls, or a counter's sum
    // Of a timer, in seconds, since the output began; within 5 %.
    double p50 = 0;
    double p95 = 0;
    double p99 = 0;
    double max = 0;
  };
  /// Up to `most` of them, those with the largest counts first.
  [[nodiscard]] virtual std::vector<Row> rows(std::size_t most) const = 0;
};

}  // namespace metlog
