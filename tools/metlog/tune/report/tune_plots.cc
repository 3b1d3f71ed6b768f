#include "tools/metlog/tune/report/tune_plots.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "tools/metlog/tune/report/plot.h"
#include "tools/metlog/tune/report/report_text.h"

namespace metlog {
namespace {

std::string time_label(double ns) {
  if (ns < 1e3) return fmt::format("{:g} ns", ns);
  if (ns < 1e6) return fmt::format("{:g} us", ns / 1e3);
  if (ns < 1e9) return fmt::format("{:g} ms", ns / 1e6);
  return fmt::format("{:g} s", ns / 1e9);
}

std::string rate_label(double rate) {
  if (rate < 1e3) return fmt::format("{:g}", rate);
  if (rate < 1e6) return fmt::format("{:g} k", rate / 1e3);
  return fmt::format("{:g} M", rate / 1e6);
}

std::string percent_label(double percent) { return fmt::format("{:g} %", percent); }

std::string share_name(double share) {
  return share >= 1 ? "slowest" : fmt::format("p{:g}", 100 * share);
}

/// The number of nines of a share, on the scale of the plot. The slowest of n calls is the share
/// 1 - 1/n.
double nines(double share, std::uint64_t samples) {
  const double max_share = 1 - 1 / static_cast<double>(std::max<std::uint64_t>(samples, 2));
  return -std::log10(1 - std::min(share, max_share));
}

bool has_times(const Row& row) { return row.latency.is_clean() && row.single.samples > 0; }

LinePlot::Series curve_of(const NamedTimes& named) {
  LinePlot::Series series{named.name, {}};
  const std::uint64_t samples = named.times.samples;
  for (std::size_t i = 0; i < Percentiles::kShares.size(); ++i) {
    const double share = Percentiles::kShares[i];
    const double ns = named.times.curve[i];
    // With few calls, the highest shares are the slowest call itself; they are left out.
    const bool is_known = share >= 1 || nines(share, samples) < nines(1, samples) - 1e-9;
    if (!is_known || ns <= 0) continue;
    series.points.push_back({nines(share, samples), ns,
                             fmt::format("{}: {} {} of {} calls", named.name, share_name(share),
                                         time_text(ns), samples),
                             false});
  }
  return series;
}

std::vector<Tick> value_ticks(Axis axis, const std::vector<Row>& rows) {
  std::vector<Tick> ticks;
  for (const Row& row : rows) {
    std::string label = value_text(axis, row.setting);
    ticks.push_back({value_number(axis, row.setting), std::move(label)});
  }
  return ticks;
}

std::string throughput_bars(Axis axis, const std::vector<Row>& rows) {
  BarPlot plot{fmt::format("Throughput by {}", title_of(axis)),
               "messages delivered per second",
               rate_label,
               {}};
  for (const Row& row : rows) {
    const bool is_faulty = !row.throughput.is_clean();
    const double rate = row.throughput.per_second();
    const std::string name = value_text(axis, row.setting);
    std::string text = is_faulty ? row.throughput.remark : count_text(rate) + "/s";
    const std::string tip = name + ": " + text;
    constexpr std::size_t kMax = 52;
    if (text.size() > kMax) text = text.substr(0, kMax - 3) + "...";
    plot.bars.push_back({name, rate, text, tip, is_faulty});
  }
  return draw(plot);
}

std::string throughput_line(Axis axis, const std::vector<Row>& rows) {
  LinePlot plot;
  plot.title = fmt::format("Throughput by {}", title_of(axis));
  plot.x_label = title_of(axis);
  plot.y_label = "messages delivered per second";
  plot.has_log_x = true;
  plot.x_ticks = value_ticks(axis, rows);
  plot.y_tick = rate_label;
  LinePlot::Series series{"delivered", {}};
  for (const Row& row : rows) {
    const double rate = row.throughput.per_second();
    const bool is_faulty = !row.throughput.is_clean();
    series.points.push_back({value_number(axis, row.setting), rate,
                             value_text(axis, row.setting) + ": " +
                                 (is_faulty ? row.throughput.remark : count_text(rate) + "/s"),
                             is_faulty});
  }
  plot.series.push_back(std::move(series));
  return draw(plot);
}

std::string time_lines(Axis axis, const std::vector<Row>& rows) {
  LinePlot plot;
  plot.title = fmt::format("Time of a call by {}", title_of(axis));
  plot.x_label = title_of(axis);
  plot.y_label = "time of a call";
  plot.has_log_x = true;
  plot.has_log_y = true;
  plot.x_ticks = value_ticks(axis, rows);
  plot.y_tick = time_label;
  for (const Figure& figure : figures()) {
    if (figure.unit != "ns" || figure.name.ends_with("99.9")) continue;
    LinePlot::Series series{std::string(figure.name), {}};
    for (const Row& row : rows) {
      const double ns = has_times(row) ? figure.of(row) : 0;
      const std::string name = value_text(axis, row.setting);
      series.points.push_back(
          {value_number(axis, row.setting), ns,
           ns > 0 ? fmt::format("{}: {} {}", name, figure.name, time_text(ns)) : row.remark(),
           ns <= 0});
    }
    plot.series.push_back(std::move(series));
  }
  return draw(plot);
}

}  // namespace

std::string percentile_plot(const std::string& title, const std::vector<NamedTimes>& curves) {
  LinePlot plot;
  plot.title = title;
  plot.x_label = "share of the calls that were no slower";
  plot.y_label = "time of a call";
  plot.has_log_y = true;
  plot.y_tick = time_label;
  double max_nines = 1;
  for (const NamedTimes& named : curves) {
    if (named.times.samples == 0) continue;
    plot.series.push_back(curve_of(named));
    max_nines = std::max(max_nines, nines(1, named.times.samples));
  }
  if (plot.series.empty()) return "";
  plot.x_ticks = {{0, "0 %"}, {nines(0.5, 1'000'000), "50 %"}, {1, "90 %"}};
  for (const auto& [at, label] : {std::pair{2.0, "99 %"},
                                  {3.0, "99.9 %"},
                                  {4.0, "99.99 %"},
                                  {5.0, "99.999 %"},
                                  {6.0, "99.9999 %"}}) {
    if (at < max_nines + 1) plot.x_ticks.push_back({at, label});
  }
  return draw(plot);
}

std::string axis_plots(Axis axis, const std::vector<Row>& all) {
  std::vector<Row> rows;
  std::vector<NamedTimes> bursts;
  std::vector<NamedTimes> singles;
  for (const Row& row : all) {
    if (row.axis != axis) continue;
    rows.push_back(row);
    if (!has_times(row)) continue;
    bursts.push_back({value_text(axis, row.setting), row.burst});
    singles.push_back({value_text(axis, row.setting), row.single});
  }
  if (rows.empty()) return "";
  std::string text = is_number(axis) && rows.size() > 1 ? throughput_line(axis, rows)
                                                        : throughput_bars(axis, rows);
  if (is_number(axis) && rows.size() > 1) text += time_lines(axis, rows);
  text += percentile_plot(fmt::format("Calls in bursts of 20, by {}", title_of(axis)), bursts);
  text += percentile_plot(fmt::format("Calls alone, by {}", title_of(axis)), singles);
  return text;
}

std::string loss_plot(const std::vector<Row>& rows) {
  BarPlot plot{"Lost messages", "share of the messages that did not arrive", percent_label, {}};
  for (const Row& row : rows) {
    const bool were_infrequent = row.latency.lost_share() > row.throughput.lost_share();
    const Phase& worse = were_infrequent ? row.latency : row.throughput;
    if (worse.lost_share() <= 0) continue;
    const std::string name =
        fmt::format("{} {}", name_of(row.axis), value_text(row.axis, row.setting));
    const std::string text =
        share_text(worse.lost_share()) + (were_infrequent ? " of infrequent calls" : "");
    plot.bars.push_back({name, 100 * worse.lost_share(), text, name + ": " + worse.remark, false});
  }
  return plot.bars.empty() ? "" : draw(plot);
}

}  // namespace metlog
