#include "tools/router/web/status_json.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "metlog/internal/config/json_writer.h"

namespace metlog {
namespace {

constexpr std::int64_t kMinuteNs = 60'000'000'000;
constexpr std::size_t kMetricRows = 100;  // of an output
constexpr double kMs = 1e-6;              // of a nanosecond

/// Three digits are enough for a curve.
double rounded(double rate) { return std::round(rate * 10) / 10; }

ValueMap to_value(const LossRow& row) {
  ValueMap map = {{"where", row.where},
                  {"why", row.why},
                  {"count", row.count},
                  {"since", utc_text(row.first_utc_ns)},
                  {"last", utc_text(row.last_utc_ns)}};
  if (!row.detail.empty()) map.set("detail", row.detail);
  return map;
}

ValueMap to_value(const LiveTable::Row& row) {
  return {{"type", row.type},
          {"logger", row.logger},
          {"severity", row.severity},
          {"total", row.total},
          {"per_second", rounded(row.per_second)}};
}

ValueMap to_value(const NamedMetrics& metrics) {
  ValueList rows;
  for (const MetricSource::Row& row : metrics.source->rows(kMetricRows)) {
    ValueMap& map = *rows.emplace_back(ValueMap{{"name", row.name},
                                                {"labels", row.labels},
                                                {"timer", row.is_timer},
                                                {"count", row.count}})
                         .as_map();
    if (!row.is_timer) continue;
    map.set("p50", row.p50);
    map.set("p95", row.p95);
    map.set("p99", row.p99);
    map.set("max", row.max);
  }
  return {{"output", metrics.output}, {"rows", std::move(rows)}};
}

template <class T>
ValueList to_values(const std::vector<T>& rows) {
  ValueList list;
  for (const T& row : rows) list.emplace_back(to_value(row));
  return list;
}

ValueMap failing(std::string where, std::string why) {
  return {{"where", std::move(where)}, {"why", std::move(why)}};
}

}  // namespace

std::string status_json(const StatusBoard::View& view, std::string_view version) {
  const RouterStatus& status = *view.status;
  const ValueMap root = {{"time", utc_text(status.utc_ns)},
                         {"started", utc_text(status.started_utc_ns)},
                         {"version", version},
                         {"state", view.is_current ? "running" : "silent"},
                         {"received_per_second", rounded(status.per_second)},
                         {"losses", to_values(status.losses)},
                         {"traffic", to_values(status.traffic)},
                         {"metrics", to_values(status.metrics)},
                         {"ledger", to_value(status.ledger)}};
  return to_json(root) + '\n';
}

std::string history_json(const RouterStatus& status, std::uint64_t after) {
  const std::uint64_t first = status.history_end - status.history.size();
  ValueList points;
  const std::uint64_t begin = std::clamp(after, first, status.history_end) - first;
  for (std::size_t i = begin; i < status.history.size(); ++i) {
    const HistoryPoint& point = status.history[i];
    points.emplace_back(ValueList{std::llround(static_cast<double>(point.utc_ns) * kMs),
                                  rounded(point.received), rounded(point.written),
                                  rounded(point.rejected), rounded(point.lost)});
  }
  const ValueMap root = {
      {"next", status.history_end},
      {"columns", ValueList{"time_ms", "received", "written", "rejected", "lost"}},
      {"points", std::move(points)}};
  return to_json(root) + '\n';
}

Health health_of(const StatusBoard::View& view) {
  ValueList list;
  if (!view.is_current || view.status == nullptr) {
    list.emplace_back(failing("router", "it does not answer, or is about to end"));
  } else {
    const RouterStatus& status = *view.status;
    const auto is_recent = [&](std::int64_t utc_ns) { return status.utc_ns - utc_ns < kMinuteNs; };
    for (const LossRow& row : status.losses) {
      const bool is_part = row.where.starts_with("output ") || row.where.starts_with("input ");
      if (!is_part || !is_recent(row.last_utc_ns)) continue;
      ValueMap& part = *list.emplace_back(failing(row.where, "lost messages: " + row.why)).as_map();
      part.set("since", utc_text(row.first_utc_ns));
      if (!row.detail.empty()) part.set("detail", row.detail);
    }
    for (const OutputLedger& output : status.ledger.outputs) {
      if (output.is_removed || output.pending == 0 || output.last_error.utc_ns == 0) continue;
      if (!is_recent(output.last_error.utc_ns)) continue;
      ValueMap part = failing(place_of(output), "cannot deliver");
      part.set("last", utc_text(output.last_error.utc_ns));
      part.set("detail", output.last_error.text);
      list.emplace_back(std::move(part));
    }
  }
  const bool is_ok = list.empty();
  ValueMap root = {{"status", is_ok ? "ok" : "failing"}};
  if (!is_ok) root.set("failing", std::move(list));
  return {is_ok, to_json(root) + '\n'};
}

}  // namespace metlog
