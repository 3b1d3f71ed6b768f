#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metlog/internal/base/system_facts.h"
#include "tools/router/backend/body_message.h"
#include "tools/router/backend/otlp_resource.h"
#include "tools/router/http/body_encoder.h"

namespace metlog {

/// OTLP's ExportMetricsServiceRequest as JSON, of counters and timers as they were received. What
/// belongs to one series is one point of a body: of a counter the sum, monotonic; of a timer the
/// histogram, in milliseconds. Both are deltas over the time from the body before to this one, so
/// the points of a series follow each other without a gap and never go back in time, whichever
/// threads the messages came from. A sampled message counts as 1 / rate.
///
/// No form has a message without a name, without a finite number, of another type, or with a number
/// below 0: a monotonic sum and a time do not fall.
class OtlpMetricsBody final : public BodyEncoder {
 public:
  struct Options {
    OtlpResource::Options resource = {};
    /// The fields that become attributes; each value of one is a series of its own.
    std::vector<std::string> attributes = {};
  };
  /// The upper bounds of a histogram's buckets in milliseconds, inclusive.
  static constexpr std::array<double, 16> kBounds = {0.1, 0.25, 0.5, 1,   2.5,  5,    10,   25,
                                                     50,  100,  250, 500, 1000, 2500, 5000, 10000};

  explicit OtlpMetricsBody(Options options, std::function<std::int64_t()> now_ns = utc_now_ns);

  [[nodiscard]] std::string_view content_type() const override { return "application/json"; }
  void open(std::string& body) override;
  bool add(const BodyItem& item, std::string& body) override;
  void close(std::string& body) override;

 private:
  struct Point {
    double sum = 0;
    double min = 0;
    double max = 0;
    bool is_empty = true;
    std::array<double, kBounds.size() + 1> buckets{};  // how many messages they stand for

    void add(double value, double weight);
  };
  using Points = std::map<std::string, Point, std::less<>>;               // by attributes
  using Metrics = std::map<std::pair<std::string, std::string>, Points>;  // by name and type
  using Scopes = std::map<std::string, Metrics, std::less<>>;             // by logger

  void append_attributes(const DecodedMessage& message);
  void append_metric(std::string& body, std::string_view name, std::string_view type,
                     const Points& points) const;
  void append_point(std::string& body, const std::string& attributes, const Point& point,
                    bool is_histogram) const;

  const Options options_;
  const std::function<std::int64_t()> now_ns_;
  BodyMessage messages_;
  OtlpResource resource_;
  std::string attributes_;                             // of the last message
  std::map<std::string, Scopes, std::less<>> groups_;  // by the resource's attributes
  std::int64_t begin_ns_;
  std::int64_t end_ns_;
};

}  // namespace metlog
