#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tools/router/output/metric_source.h"

namespace metlog {

/// Sums of counters and histograms of timers, by name and labels. A name becomes one of Prometheus,
/// see metric_name(); a counter's ends in _total and a timer's in _seconds. When two names become
/// the same, the later one has its digest appended. Any thread; calls take turns.
class MetricStore final : public MetricSource {
 public:
  struct Options {
    std::string prefix = {};  // before each name, with an underscore between
    /// The upper ends of a timer's buckets in seconds, rising; +Inf comes after them.
    std::vector<double> buckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,
                                   0.25,  0.5,    1,     2.5,  5,     10};
    std::vector<std::string> labels = {};  // names of labels, as they are shown
    std::size_t max_series = 1000;         // of different names and values of labels
  };

  explicit MetricStore(Options options);
  ~MetricStore() override;

  struct Sample {
    std::string_view name;
    bool is_timer = false;
    double value = 0;                          // to add to a counter; or seconds
    double weight = 1;                         // of a timer's: how many calls it stands for
    std::span<const std::string> labels = {};  // values, as many as Options::labels
  };
  /// Adds a finite sample that is not negative. False when it would begin a series beyond
  /// max_series.
  bool add(const Sample& sample);

  [[nodiscard]] std::size_t series_count() const;
  [[nodiscard]] const Options& options() const { return options_; }

  [[nodiscard]] std::string exposition() const override;
  [[nodiscard]] std::vector<Row> rows(std::size_t most) const override;

 private:
  struct Series;
  struct Family;
  struct Contents;  // hash maps

  Series* begin_series(const Sample& sample);
  Family& family_of(const Sample& sample);
  [[nodiscard]] Row row_of(const Family& family, const Series& series) const;

  const Options options_;
  mutable std::mutex mutex_;
  const std::unique_ptr<Contents> contents_;  // under the mutex
};

}  // namespace metlog
