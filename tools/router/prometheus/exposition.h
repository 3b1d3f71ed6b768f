#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace metlog {

/// Writes metrics in the text format of Prometheus, version 0.0.4:
///
///   text.begin("metlogd_received_messages_total", Exposition::Type::kCounter, "What ...");
///   text.add({}, 12);   // its samples, each with other labels
///
/// A family is written once, with all its samples. Used by one thread.
class Exposition {
 public:
  enum class Type { kCounter, kGauge, kHistogram };
  struct Label {
    std::string_view name;
    std::string_view value;  // any bytes
  };
  using Labels = std::span<const Label>;

  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  /// Begins a family; `name` is one, see is_metric_name().
  void begin(std::string_view name, Type type, std::string_view help);
  void add(Labels labels, std::uint64_t value) { add("", labels, value); }
  void add(Labels labels, double value) { add("", labels, value); }
  /// A sample of a histogram; `suffix` is _bucket, _sum or _count.
  void add(std::string_view suffix, Labels labels, std::uint64_t value);
  void add(std::string_view suffix, Labels labels, double value);

  [[nodiscard]] std::string take() { return std::move(text_); }

 private:
  void begin_sample(std::string_view suffix, Labels labels);

  std::string name_;  // of the family
  std::string text_;
};

/// A value as Prometheus reads it: the shortest digits that mean it, or NaN, +Inf, -Inf.
std::string sample_text(double value);

}  // namespace metlog
