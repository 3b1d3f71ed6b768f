#include "tools/metlog/tune/measure/point_report.h"

#include <algorithm>
#include <cmath>
#include <concepts>
#include <utility>

#include "metlog/internal/config/json_reader.h"
#include "metlog/internal/config/json_writer.h"
#include "tools/console/rounded.h"

namespace metlog {
namespace {

template <class T>
double at_share(const std::vector<T>& sorted, double share) {
  if (sorted.empty()) return 0;
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
  return static_cast<double>(sorted[rank == 0 ? 0 : rank - 1]);
}

}  // namespace

Percentiles Percentiles::of(std::vector<float>& samples) {
  std::sort(samples.begin(), samples.end());
  Percentiles result;
  result.samples = samples.size();
  for (std::size_t i = 0; i < kShares.size(); ++i) result.curve[i] = at_share(samples, kShares[i]);
  return result;
}

ValueMap to_value(const Percentiles& percentiles) {
  const auto ns = [](double value) { return Value(rounded(value, 1)); };
  ValueList curve;
  for (const double value : percentiles.curve) curve.push_back(ns(value));
  return {{"samples", percentiles.samples},
          {"p50", ns(percentiles.p50())},
          {"p90", ns(percentiles.p90())},
          {"p99", ns(percentiles.p99())},
          {"p999", percentiles.p999() < 0 ? Value() : ns(percentiles.p999())},
          {"max", ns(percentiles.max())},
          {"curve", std::move(curve)}};
}

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {median, (at_share(values, 0.75) - at_share(values, 0.25)) / 2};
}

namespace {

/// Calls `f(name, member)` for all of the report, in the order of the JSON object.
template <class Report, class F>
void each_member(Report& report, F f) {
  f("error", report.error);
  f("is_url_refused", report.is_url_refused);
  f("is_disk_full", report.is_disk_full);
  f("is_confirmed", report.is_confirmed);
  f("emitted", report.ledger.emitted);
  f("sent", report.ledger.sent);
  f("pending", report.ledger.pending);
  f("marks", report.ledger.marks);
  f("lost", report.ledger.lost.by_reason);
  f("start_ns", report.start_ns);
  f("calls_end_ns", report.calls_end_ns);
  f("end_ns", report.end_ns);
  f("cpu_s", report.cpu_s);
  f("peak_rss_bytes", report.peak_rss_bytes);
  f("empty_ns", report.empty_ns);
  f("burst", report.burst);
  f("single", report.single);
  f("kept_percent", report.cost.kept_percent);
  f("kept_error", report.cost.kept_error);
  f("cost_cpu_us", report.cost.cpu_us_per_message);
  f("idle_percent", report.cost.idle_percent);
}

template <class T>
Value to_value(const T& scalar) {
  return scalar;
}

template <class T, std::size_t kSize>
Value to_value(const std::array<T, kSize>& array) {
  return ValueList(array.begin(), array.end());
}

// read() returns false when the value is of another kind than the target.

bool read(const Value& value, std::string& target) {
  if (value.as_text() != nullptr) target = *value.as_text();
  return value.as_text() != nullptr;
}

bool read(const Value& value, bool& target) {
  if (value.as_bool() != nullptr) target = *value.as_bool();
  return value.as_bool() != nullptr;
}

template <std::integral T>
bool read(const Value& value, T& target) {
  const std::int64_t* const number = value.as_integer();
  if (number == nullptr || !std::in_range<T>(*number)) return false;
  target = static_cast<T>(*number);
  return true;
}

bool read(const Value& value, double& target) {
  if (value.as_real() != nullptr) target = *value.as_real();
  return value.as_real() != nullptr;
}

template <class T, std::size_t kSize>
bool read(const Value& value, std::array<T, kSize>& target) {
  const ValueList* const list = value.as_list();
  if (list == nullptr || list->size() != kSize) return false;
  std::size_t i = 0;
  return std::all_of(list->begin(), list->end(),
                     [&](const Value& item) { return read(item, target[i++]); });
}

bool read(const Value& value, Percentiles& target) {
  const ValueMap* const map = value.as_map();
  if (map == nullptr) return false;
  const Value* const samples = map->find("samples");
  const Value* const curve = map->find("curve");
  return samples != nullptr && read(*samples, target.samples) && curve != nullptr &&
         read(*curve, target.curve);
}

}  // namespace

std::string to_json(const PointReport& report) {
  ValueMap object;
  each_member(report, [&object](std::string_view name, const auto& member) {
    object.set(name, to_value(member));
  });
  return to_json(object) + '\n';
}

std::optional<PointReport> parse_point_report(std::string_view json) {
  const absl::StatusOr<Value> value = parse_json(json);
  const ValueMap* const object = value.ok() ? value->as_map() : nullptr;
  if (object == nullptr) return std::nullopt;
  PointReport report;
  bool is_whole = true;
  each_member(report, [&](std::string_view name, auto& member) {
    const Value* const found = object->find(name);
    is_whole = is_whole && found != nullptr && read(*found, member);
  });
  if (!is_whole) return std::nullopt;
  return report;
}

}  // namespace metlog
