#include "tools/metlog/tune/measure/point_report.h"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>

#include "metlog/internal/text/json_text.h"

namespace metlog {
namespace {

using simdjson::dom::element;

std::uint64_t count_at(const element& from, const char* key) {
  std::uint64_t value = 0;
  return from[key].get(value) == simdjson::SUCCESS ? value : 0;
}

double real_at(const element& from, const char* key) {
  double value = 0;
  return from[key].get(value) == simdjson::SUCCESS ? value : 0;
}

bool flag_at(const element& from, const char* key) {
  bool value = false;
  return from[key].get(value) == simdjson::SUCCESS && value;
}

Percentiles percentiles_at(const element& from, const char* key) {
  Percentiles result;
  element object;
  if (from[key].get(object) != simdjson::SUCCESS) return result;
  result.samples = count_at(object, "samples");
  simdjson::dom::array curve;
  if (object["curve"].get(curve) != simdjson::SUCCESS) return result;
  std::size_t i = 0;
  for (const element& value : curve) {
    double number = 0;
    if (i < result.curve.size() && value.get(number) == simdjson::SUCCESS) {
      result.curve[i++] = number;
    }
  }
  return result;
}

}  // namespace

std::string to_json(const Percentiles& percentiles) {
  std::string curve;
  for (const double value : percentiles.curve) {
    if (!curve.empty()) curve += ',';
    curve += fmt::format("{:.1f}", value);
  }
  return fmt::format(
      "{{\"samples\":{},\"p50\":{:.1f},\"p90\":{:.1f},\"p99\":{:.1f},\"p999\":{},"
      "\"max\":{:.1f},\"curve\":[{}]}}",
      percentiles.samples, percentiles.p50(), percentiles.p90(), percentiles.p99(),
      percentiles.p999() < 0 ? "null" : fmt::format("{:.1f}", percentiles.p999()),
      percentiles.max(), curve);
}

std::string to_json(const PointReport& report) {
  std::string lost;
  for (const std::uint64_t count : report.ledger.lost.by_reason) {
    if (!lost.empty()) lost += ',';
    lost += fmt::format("{}", count);
  }
  return fmt::format(
      "{{\"error\":\"{}\",\"is_url_refused\":{},\"is_disk_full\":{},\"is_confirmed\":{},"
      "\"emitted\":{},\"sent\":{},\"pending\":{},\"marks\":{},\"lost\":[{}],\"start_ns\":{},"
      "\"calls_end_ns\":{},\"end_ns\":{},\"cpu_s\":{:.6f},\"peak_rss_bytes\":{},"
      "\"empty_ns\":{:.1f},\"burst\":{},\"single\":{}}}\n",
      json_text(report.error), report.is_url_refused, report.is_disk_full, report.is_confirmed,
      report.ledger.emitted, report.ledger.sent, report.ledger.pending, report.ledger.marks, lost,
      report.start_ns, report.calls_end_ns, report.end_ns, report.cpu_s, report.peak_rss_bytes,
      report.empty_ns, to_json(report.burst), to_json(report.single));
}

std::optional<PointReport> parse_point_report(std::string_view json) {
  simdjson::dom::parser parser;
  element root;
  simdjson::dom::array lost;
  std::string_view error;
  const simdjson::padded_string text(json);
  if (parser.parse(text).get(root) != simdjson::SUCCESS || !root.is_object() ||
      root["lost"].get(lost) != simdjson::SUCCESS ||
      root["error"].get(error) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  PointReport report;
  report.error = std::string(error);
  report.is_url_refused = flag_at(root, "is_url_refused");
  report.is_disk_full = flag_at(root, "is_disk_full");
  report.is_confirmed = flag_at(root, "is_confirmed");
  report.ledger.emitted = count_at(root, "emitted");
  report.ledger.sent = count_at(root, "sent");
  report.ledger.pending = count_at(root, "pending");
  report.ledger.marks = count_at(root, "marks");
  std::size_t reason = 0;
  for (const element& count : lost) {
    std::uint64_t value = 0;
    if (reason < kLossReasonCount && count.get(value) == simdjson::SUCCESS) {
      report.ledger.lost.by_reason[reason++] = value;
    }
  }
  report.start_ns = static_cast<std::int64_t>(count_at(root, "start_ns"));
  report.calls_end_ns = static_cast<std::int64_t>(count_at(root, "calls_end_ns"));
  report.end_ns = static_cast<std::int64_t>(count_at(root, "end_ns"));
  report.cpu_s = real_at(root, "cpu_s");
  report.peak_rss_bytes = count_at(root, "peak_rss_bytes");
  report.empty_ns = real_at(root, "empty_ns");
  report.burst = percentiles_at(root, "burst");
  report.single = percentiles_at(root, "single");
  return report;
}

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

Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  const double median =
      values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
  return {median, (at_share(values, 0.75) - at_share(values, 0.25)) / 2};
}

}  // namespace metlog
