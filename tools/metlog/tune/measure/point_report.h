#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/ledger.h"
#include "metlog/value.h"

namespace metlog {

/// The times of many calls, in ns, as percentiles by nearest rank.
struct Percentiles {
  /// The shares that `curve` has a value for; the last is the slowest call.
  static constexpr std::array<double, 13> kShares = {0,    0.1,  0.25,  0.5,   0.75,   0.9, 0.95,
                                                     0.98, 0.99, 0.995, 0.999, 0.9995, 1};

  std::uint64_t samples = 0;
  std::array<double, kShares.size()> curve{};

  /// Sorts the samples.
  static Percentiles of(std::vector<float>& samples);

  [[nodiscard]] double p50() const { return curve[3]; }
  [[nodiscard]] double p90() const { return curve[5]; }
  [[nodiscard]] double p99() const { return curve[8]; }
  /// Negative when there are too few samples to separate it from the slowest call.
  [[nodiscard]] double p999() const { return samples >= 1000 ? curve[10] : -1; }
  [[nodiscard]] double max() const { return curve.back(); }
};

/// Returns, for JSON, {"samples":9,"p50":..,"p90":..,"p99":..,"p999":..,"max":..,"curve":[..]},
/// times with one decimal.
ValueMap to_value(const Percentiles& percentiles);

/// The median of a few rounds, and half the distance between their quartiles.
struct Spread {
  double median = 0;
  double half_width = 0;
};
Spread spread_of(std::vector<double> values);

/// The kind of measurement a process makes.
enum class Measure : std::uint8_t {
  kLatency,     // infrequent calls, each timed; a full ring loses
  kThroughput,  // as many calls as possible, or at the rate asked for
  kUnits,       // workers on all processors, in turn with logging and without; a full ring loses
};

/// What logging costs workers that keep all processors busy.
struct HostCost {
  // Of the units that they do without logging in a second of the process's CPU time, those that
  // they do beside it: the median of the rounds, and the standard error of that, estimated from
  // the quartiles. On processors that are busy throughout, CPU time is time; other programs' load
  // changes this figure less. Negative when it was not measured.
  double kept_percent = -1;
  double kept_error = 0;
  // Of all threads of the process, above what the computing takes.
  double cpu_us_per_message = 0;
  // Of one processor, that the process takes while nothing is logged.
  double idle_percent = 0;

  [[nodiscard]] bool is_known() const { return kept_percent >= 0; }
};

/// The report of a measuring process: one JSON object on its standard output.
struct PointReport {
  std::string error;  // why nothing was measured; empty when it was
  bool is_url_refused = false;
  bool is_disk_full = false;
  bool is_confirmed = false;  // Receipt::handover is more than kNone
  Ledger ledger;
  std::int64_t start_ns = 0;      // CLOCK_MONOTONIC at the first call that counts
  std::int64_t calls_end_ns = 0;  // after the last call
  std::int64_t end_ns = 0;        // when the client was closed
  double cpu_s = 0;
  std::uint64_t peak_rss_bytes = 0;
  double empty_ns = 0;  // the cost of an empty measurement; subtracted from the times below
  Percentiles burst;    // a call's share of 20 calls in a row
  Percentiles single;   // calls alone
  HostCost cost;
};

/// Returns one line that ends in a newline.
std::string to_json(const PointReport& report);
/// Reads what to_json() wrote; empty when `json` is anything else.
std::optional<PointReport> parse_point_report(std::string_view json);

}  // namespace metlog
