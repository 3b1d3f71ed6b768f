#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace metlog {

/// A line of statsd: bucket:value|kind, and |@rate after c, g and ms.
struct StatsdLine {
  enum class Kind : std::uint8_t { kCounter, kGauge, kTimer };

  std::string_view bucket;
  std::string_view value;  // may be no number
  Kind kind = Kind::kCounter;
  float rate = 1;
};

/// Reads a line as hekad does: h and m are counters, what follows the kind is ignored unless it is
/// a rate. None when it is none, or its rate is no positive number.
[[nodiscard]] std::optional<StatsdLine> read_statsd_line(std::string_view line);

/// Calls visit(line) for each line of a datagram that is not empty, without blanks around the
/// whole.
template <typename Visit>
void for_each_statsd_line(std::string_view datagram, Visit visit) {
  constexpr std::string_view kBlanks = " \t\r\n";
  const std::size_t first = datagram.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return;
  datagram = datagram.substr(first, datagram.find_last_not_of(kBlanks) - first + 1);
  for (std::size_t end = 0; !datagram.empty(); datagram.remove_prefix(end)) {
    end = datagram.find('\n');
    const std::string_view line = datagram.substr(0, end);
    if (!line.empty()) visit(line);
    end = end == std::string_view::npos ? datagram.size() : end + 1;
  }
}

/// Adds up values of statsd and reports them once in an interval, as hekad's StatAccumInput does.
/// Used by one thread.
class StatAccumulator {
 public:
  struct Options {
    std::int64_t interval_seconds = 10;  // 1 or more; the divisor of rates
    bool emits_in_payload = true;        // `name value unix_time` lines
    bool emits_in_fields = false;
    std::vector<int> percentiles = {90};  // of timers, each 1 to 100
    bool has_legacy_names = false;  // stats.NAME and stats_counts.NAME; the prefixes do not count
    std::string global_prefix = "stats";
    std::string counter_prefix = "counters";
    std::string timer_prefix = "timers";
    std::string gauge_prefix = "gauges";
    std::string statsd_prefix = "statsd";
    /// Leaves out what had no value in the interval. Else counters and timers are 0, and a gauge
    /// keeps its value.
    bool deletes_idle = false;
    /// New names beyond this number are refused.
    std::size_t max_names = 100'000;
  };

  /// What is reported of one interval: as many parts as the sizes ask for.
  struct Report {
    std::string payload;
    std::string fields;  // a JSON object
  };

  explicit StatAccumulator(Options options) : options_(std::move(options)) {}

  /// Adds a value. False when it is no number, or its name is one too many.
  bool add(const StatsdLine& line);
  /// True when a report would say more than that there is nothing.
  [[nodiscard]] bool has_values() const { return has_values_; }
  /// Reports the interval that ends now, and begins the next one. A part is ended when its payload
  /// or its fields have `part_bytes`.
  [[nodiscard]] std::vector<Report> report(std::int64_t unix_seconds, std::size_t part_bytes);

 private:
  struct Counter {
    std::int64_t count = 0;
    bool is_idle = false;
  };
  struct Gauge {
    double value = 0;
    bool is_idle = false;
  };
  struct Timer {
    std::size_t count = 0;
    double sum = 0;
    double lower = 0;
    double upper = 0;
    std::vector<double> values;  // the first of them, for percentiles
  };
  class Writer;

  void report_timer(Writer& writer, const std::string& name, Timer& timer) const;
  template <typename Map>
  [[nodiscard]] bool has_room_for(const Map& map, const std::string& name) const;

  const Options options_;
  std::map<std::string, Counter> counters_;
  std::map<std::string, Gauge> gauges_;
  std::map<std::string, Timer> timers_;
  std::size_t timer_values_ = 0;  // of all timers
  bool has_values_ = false;
};

}  // namespace metlog
