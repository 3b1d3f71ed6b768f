#include "tools/router/backend/otlp_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/statsd_text.h"

namespace metlog {
namespace {

using Kind = JsonValue::Kind;

std::optional<double> number_of(const JsonValue& value) {
  double number = value.number;
  if (value.kind == Kind::kText) {
    const absl::string_view text(value.text.data(), value.text.size());
    if (!is_json_number(value.text) || !absl::SimpleAtod(text, &number)) return std::nullopt;
  } else if (value.kind != Kind::kNumber) {
    return std::nullopt;
  }
  return std::isfinite(number) && number >= 0 ? std::optional(number) : std::nullopt;
}

/// How many messages a sampled one stands for.
double weight_of(const DecodedMessage& message) {
  const double rate = number_of(message.field("rate")).value_or(1);
  return rate > 0 && rate < 1 ? 1 / rate : 1;
}

std::string number_text(double number) {
  char text[kMaxDoubleBytes];
  return {text, append_json_double(text, number)};
}

/// The JSON of a value as an AnyValue; nothing for what is no scalar.
std::string any_value(const JsonValue& value) {
  switch (value.kind) {
    case Kind::kText:
      return absl::StrCat(R"({"stringValue":")", json_text(value.text), R"("})");
    case Kind::kBool:
      return value.number != 0 ? R"({"boolValue":true})" : R"({"boolValue":false})";
    case Kind::kNumber:
      return value.is_integer ? absl::StrCat(R"({"intValue":")", value.integer, R"("})")
                              : absl::StrCat(R"({"doubleValue":)", number_text(value.number), "}");
    default:
      return {};
  }
}

/// The metric's name as in statsd, where `::` is a dot.
std::string name_of(const DecodedMessage& message) {
  const JsonValue value = message.field("name");
  if (value.kind != Kind::kText) return {};
  std::string name(value.text);
  name.resize(static_cast<std::size_t>(append_statsd_name(name.data(), name, {}) - name.data()));
  return name;
}

}  // namespace

void OtlpMetricsBody::Point::add(double value, double weight) {
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), value);
  buckets[static_cast<std::size_t>(bound - kBounds.begin())] += weight;
  min = is_empty ? value : std::min(min, value);
  max = is_empty ? value : std::max(max, value);
  is_empty = false;
  sum = std::min(sum + value * weight, std::numeric_limits<double>::max());
}

OtlpMetricsBody::OtlpMetricsBody(Options options, std::function<std::int64_t()> now_ns)
    : options_(std::move(options)),
      now_ns_(std::move(now_ns)),
      resource_(options_.resource),
      begin_ns_(now_ns_()),
      end_ns_(begin_ns_) {}

void OtlpMetricsBody::open(std::string&) {
  groups_.clear();
  begin_ns_ = end_ns_;
  end_ns_ = std::max(now_ns_(), begin_ns_ + 1);  // a delta is over some time
}

bool OtlpMetricsBody::add(const BodyItem& item, std::string&) {
  const DecodedMessage* const message = messages_.decode(item.message);
  if (message == nullptr) return false;
  if (message->type != "counter" && message->type != "timer") return false;
  const std::optional<double> value = number_of(message->payload());
  std::string name = name_of(*message);
  const double weight = weight_of(*message);
  if (!value.has_value() || !std::isfinite(*value * weight) || name.empty()) return false;
  append_attributes(*message);
  Metrics& metrics = groups_[resource_.attributes_of(*message)][std::string(message->logger)];
  Point& point = metrics[{std::move(name), std::string(message->type)}][attributes_];
  point.add(*value, weight);
  return true;
}

void OtlpMetricsBody::append_attributes(const DecodedMessage& message) {
  attributes_.clear();
  for (const std::string& field : options_.attributes) {
    const std::string value = any_value(message.field(field));
    if (value.empty()) continue;
    absl::StrAppend(&attributes_, attributes_.empty() ? "" : ",", R"({"key":")", json_text(field),
                    R"(","value":)", value, "}");
  }
}

void OtlpMetricsBody::close(std::string& body) {
  body += R"({"resourceMetrics":[)";
  const char* before_resource = "";
  for (const auto& [attributes, scopes] : groups_) {
    absl::StrAppend(&body, std::exchange(before_resource, ","), R"({"resource":{"attributes":)",
                    attributes, R"(},"scopeMetrics":[)");
    const char* before_scope = "";
    for (const auto& [logger, metrics] : scopes) {
      absl::StrAppend(&body, std::exchange(before_scope, ","), R"({"scope":{"name":")",
                      json_text(logger), R"("},"metrics":[)");
      const char* before_metric = "";
      for (const auto& [metric, points] : metrics) {
        body += std::exchange(before_metric, ",");
        append_metric(body, metric.first, metric.second, points);
      }
      body += "]}";
    }
    body += "]}";
  }
  body += "]}";
}

void OtlpMetricsBody::append_metric(std::string& body, std::string_view name, std::string_view type,
                                    const Points& points) const {
  constexpr int kDelta = 1;  // AGGREGATION_TEMPORALITY_DELTA
  const bool is_histogram = type == "timer";
  absl::StrAppend(&body, R"({"name":")", json_text(name), R"(",)",
                  is_histogram ? R"("unit":"ms","histogram":{)" : R"("sum":{"isMonotonic":true,)",
                  R"("aggregationTemporality":)", kDelta, R"(,"dataPoints":[)");
  const char* before = "";
  for (const auto& [attributes, point] : points) {
    body += std::exchange(before, ",");
    append_point(body, attributes, point, is_histogram);
  }
  body += "]}}";
}

void OtlpMetricsBody::append_point(std::string& body, const std::string& attributes,
                                   const Point& point, bool is_histogram) const {
  absl::StrAppend(&body, R"({"startTimeUnixNano":")", begin_ns_, R"(","timeUnixNano":")", end_ns_,
                  R"(","attributes":[)", attributes, "]");
  if (!is_histogram) {
    absl::StrAppend(&body, R"(,"asDouble":)", number_text(point.sum), "}");
    return;
  }
  // Whole numbers: a message of a rate of 0.7 stands for 1.43.
  std::array<std::uint64_t, std::tuple_size_v<decltype(point.buckets)>> counts{};
  std::transform(point.buckets.begin(), point.buckets.end(), counts.begin(), [](double bucket) {
    return static_cast<std::uint64_t>(std::llround(std::min(bucket, 1e15)));
  });
  const std::uint64_t count = std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  absl::StrAppend(&body, R"(,"count":")", count, R"(","sum":)", number_text(point.sum),
                  R"(,"min":)", number_text(point.min), R"(,"max":)", number_text(point.max),
                  R"(,"bucketCounts":[)");
  const char* before = "\"";
  for (const std::uint64_t in_bucket : counts) {
    absl::StrAppend(&body, std::exchange(before, ",\""), in_bucket, "\"");
  }
  body += R"(],"explicitBounds":[)";
  before = "";
  for (const double bound : kBounds) {
    absl::StrAppend(&body, std::exchange(before, ","), number_text(bound));
  }
  body += "]}";
}

}  // namespace metlog
