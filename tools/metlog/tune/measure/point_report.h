#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "metlog/ledger.h"
#include "tools/metlog/tune/measure/percentiles.h"

namespace metlog {

/// What is measured by one process.
enum class Measure : std::uint8_t {
  kLatency,     // seldom calls, each timed; a full ring loses
  kThroughput,  // as many calls as go through, or as many as asked
};

/// What a measuring process tells of itself: one JSON object on its standard output.
struct PointReport {
  std::string error;  // why nothing was measured; empty when it was
  bool is_url_refused = false;
  bool is_disk_full = false;
  bool is_confirmed = false;  // the destination said that it has all
  Ledger ledger;
  std::int64_t start_ns = 0;      // CLOCK_MONOTONIC at the first call that counts
  std::int64_t calls_end_ns = 0;  // behind the last call
  std::int64_t end_ns = 0;        // when the client was closed
  double cpu_s = 0;
  std::uint64_t peak_rss_bytes = 0;
  double empty_ns = 0;  // what timing nothing costs; taken off below
  Percentiles burst;    // a call's share of 20 calls in a row
  Percentiles single;   // calls alone
};

/// On one line with a newline behind it.
std::string to_json(const PointReport& report);
/// Empty when the text is no such object.
std::optional<PointReport> parse_point_report(std::string_view json);

/// {"samples":9,"p50":..,"p90":..,"p99":..,"p999":..,"max":..,"curve":[..]}
std::string to_json(const Percentiles& percentiles);

}  // namespace metlog
