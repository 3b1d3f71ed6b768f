#include "tools/router/input/stat_accumulator.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <numeric>
#include <utility>

#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/number_text.h"

namespace metlog {
namespace {

/// Values that are kept for percentiles in one interval, of all timers.
constexpr std::size_t kMaxTimerValues = 1'000'000;
constexpr double kMaxCount = 9e18;

template <typename Number>
std::optional<Number> number_of(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

/// A name for a line of graphite: a blank would end it.
std::string name_of_bucket(std::string_view bucket) {
  std::string name(bucket);
  for (char& byte : name) {
    if (static_cast<unsigned char>(byte) <= 0x20 || byte == 0x7f) byte = '_';
  }
  return name;
}

}  // namespace

std::optional<StatsdLine> read_statsd_line(std::string_view line) {
  StatsdLine stat;
  const std::size_t colon = line.find(':');
  const std::size_t bar = line.find('|');
  if (colon == std::string_view::npos || bar == std::string_view::npos || bar < colon) {
    return std::nullopt;
  }
  stat.bucket = line.substr(0, colon);
  stat.value = line.substr(colon + 1, bar - colon - 1);
  line.remove_prefix(bar + 1);
  bool has_rate = true;
  if (line.starts_with("ms")) {
    stat.kind = StatsdLine::Kind::kTimer;
    line.remove_prefix(2);
  } else {
    const char kind = line.empty() ? '\0' : line.front();
    if (std::string_view("cghm").find(kind) == std::string_view::npos) return std::nullopt;
    if (kind == 'g') stat.kind = StatsdLine::Kind::kGauge;
    has_rate = kind == 'c' || kind == 'g';
    line.remove_prefix(1);
  }
  if (!has_rate || !line.starts_with("|@") || line.size() == 2) return stat;
  const std::optional<float> rate = number_of<float>(line.substr(2));
  if (!rate.has_value() || *rate <= 0) return std::nullopt;
  stat.rate = *rate;
  return stat;
}

template <typename Map>
bool StatAccumulator::has_room_for(const Map& map, const std::string& name) const {
  return counters_.size() + gauges_.size() + timers_.size() < options_.max_names ||
         map.contains(name);
}

bool StatAccumulator::add(const StatsdLine& line) {
  const std::string name = name_of_bucket(line.bucket);
  if (line.kind == StatsdLine::Kind::kCounter) {
    const std::optional<float> value = number_of<float>(line.value);
    if (!value.has_value() || !has_room_for(counters_, name)) return false;
    const float added = *value * (1 / line.rate);
    Counter& counter = counters_[name];
    counter.count = static_cast<std::int64_t>(
        std::clamp(std::trunc(static_cast<double>(added)) + static_cast<double>(counter.count),
                   -kMaxCount, kMaxCount));
    counter.is_idle = false;
    return has_values_ = true;
  }
  const std::optional<double> value = number_of<double>(line.value);
  if (!value.has_value()) return false;
  if (line.kind == StatsdLine::Kind::kGauge) {
    if (!has_room_for(gauges_, name)) return false;
    gauges_[name] = {*value, false};
    return has_values_ = true;
  }
  if (!has_room_for(timers_, name)) return false;
  Timer& timer = timers_[name];
  timer.lower = timer.count == 0 ? *value : std::min(timer.lower, *value);
  timer.upper = timer.count == 0 ? *value : std::max(timer.upper, *value);
  timer.sum += *value;
  ++timer.count;
  if (timer_values_ < kMaxTimerValues) {
    ++timer_values_;
    timer.values.push_back(*value);
  }
  return has_values_ = true;
}

/// Writes names and values as lines and as fields.
class StatAccumulator::Writer {
 public:
  Writer(const Options& options, std::int64_t unix_seconds, std::size_t part_bytes)
      : options_(options), unix_seconds_(unix_seconds), part_bytes_(part_bytes) {
    reports_.emplace_back();
  }

  /// `parts` are joined by dots; empty ones are left out.
  static std::string name(std::initializer_list<std::string_view> parts) {
    std::string joined;
    for (const std::string_view part : parts) {
      if (!joined.empty() && !part.empty()) joined += '.';
      joined += part;
    }
    return joined;
  }

  void add(const std::string& name, double value) {
    char number[kMaxDoubleBytes];
    add(name, fmt::format("{:.6f}", value),
        std::string_view(number,
                         static_cast<std::size_t>(append_json_double(number, value) - number)));
  }
  void add(const std::string& name, std::int64_t value) {
    const std::string text = std::to_string(value);
    add(name, text, text);
  }
  void add(const std::string& name, std::string_view line_value, std::string_view json) {
    Report& report = current();
    if (options_.emits_in_payload) {
      report.payload += fmt::format("{} {} {}\n", name, line_value, unix_seconds_);
    }
    if (options_.emits_in_fields) {
      if (!report.fields.empty()) report.fields += ',';
      report.fields += '"' + json_text(name) + "\":";
      report.fields += json;
    }
  }
  std::vector<Report> take() {
    for (Report& report : reports_) {
      report.fields.insert(0, 1, '{');
      report.fields += '}';
    }
    return std::move(reports_);
  }

 private:
  Report& current() {
    const Report& last = reports_.back();
    if (std::max(last.payload.size(), last.fields.size()) >= part_bytes_) reports_.emplace_back();
    return reports_.back();
  }

  const Options& options_;
  const std::int64_t unix_seconds_;
  const std::size_t part_bytes_;
  std::vector<Report> reports_;
};

std::vector<StatAccumulator::Report> StatAccumulator::report(std::int64_t unix_seconds,
                                                             std::size_t part_bytes) {
  Writer writer(options_, unix_seconds, part_bytes);
  const auto interval = static_cast<double>(options_.interval_seconds);
  const bool is_legacy = options_.has_legacy_names;
  if (options_.deletes_idle) {
    std::erase_if(counters_, [](const auto& each) { return each.second.is_idle; });
    std::erase_if(gauges_, [](const auto& each) { return each.second.is_idle; });
    std::erase_if(timers_, [](const auto& each) { return each.second.count == 0; });
  }
  for (auto& [name, counter] : counters_) {
    const double rate = static_cast<double>(counter.count) / interval;
    const std::string group = Writer::name({options_.global_prefix, options_.counter_prefix, name});
    if (is_legacy) {
      // hekad's field has the whole part only.
      writer.add("stats." + name, fmt::format("{:.6f}", rate),
                 std::to_string(static_cast<std::int64_t>(rate)));
      writer.add("stats_counts." + name, counter.count);
    } else {
      writer.add(group + ".rate", rate);
      writer.add(group + ".count", counter.count);
    }
    counter = {0, true};
  }
  for (auto& [name, gauge] : gauges_) {
    writer.add(is_legacy ? "stats.gauges." + name
                         : Writer::name({options_.global_prefix, options_.gauge_prefix, name}),
               gauge.value);
    gauge.is_idle = true;
  }
  for (auto& [name, timer] : timers_) report_timer(writer, name, timer);
  timer_values_ = 0;
  writer.add(is_legacy ? "statsd.numStats"
                       : Writer::name({options_.global_prefix, options_.statsd_prefix, "numStats"}),
             static_cast<std::int64_t>(counters_.size() + gauges_.size() + timers_.size()));
  has_values_ = false;
  return writer.take();
}

void StatAccumulator::report_timer(Writer& writer, const std::string& name, Timer& timer) const {
  const std::string group =
      options_.has_legacy_names
          ? "stats.timers." + name
          : Writer::name({options_.global_prefix, options_.timer_prefix, name});
  const auto count = static_cast<double>(timer.count);
  const double mean = timer.count == 0 ? 0 : timer.sum / count;
  writer.add(group + ".count", static_cast<std::int64_t>(timer.count));
  writer.add(group + ".count_ps", count / static_cast<double>(options_.interval_seconds));
  writer.add(group + ".lower", timer.lower);
  writer.add(group + ".upper", timer.upper);
  writer.add(group + ".sum", timer.sum);
  writer.add(group + ".mean", mean);
  std::vector<double>& values = timer.values;
  std::sort(values.begin(), values.end());
  for (const int percent : options_.percentiles) {
    const double cut = (100.0 - percent) / 100.0 * static_cast<double>(values.size());
    const auto dropped = static_cast<std::size_t>(std::floor(cut + 0.5));
    const std::size_t kept = values.size() - std::min(dropped, values.size());
    const double sum =
        std::accumulate(values.begin(), values.begin() + static_cast<long>(kept), 0.0);
    const std::string suffix = fmt::format("_{}", percent);
    writer.add(group + ".mean" + suffix, kept == 0 ? timer.lower : sum / static_cast<double>(kept));
    writer.add(group + ".upper" + suffix, kept == 0 ? timer.upper : values[kept - 1]);
  }
  timer = {};
}

}  // namespace metlog
