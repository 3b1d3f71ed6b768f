#include "tools/metlog/tune/report/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_replace.h"

namespace metlog {

std::string html_text(std::string_view text) {
  return absl::StrReplaceAll(
      absl::string_view(text.data(), text.size()),
      {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

namespace {

constexpr int kFewDecades = 2;

}  // namespace

PlotScale::PlotScale(Kind kind, double low, double high, double from, double to)
    : kind_(kind), low_(low), high_(high > low ? high : low + 1), from_(from), to_(to) {}

double PlotScale::at(double value) const {
  const double within = std::clamp(value, low_, high_);
  const double share = kind_ == Kind::kLog ? std::log(within / low_) / std::log(high_ / low_)
                                           : (within - low_) / (high_ - low_);
  return from_ + share * (to_ - from_);
}

std::vector<Tick> linear_ticks(double high, int max_ticks, TickLabel label) {
  const double wanted = std::max(high, 1e-9) / max_ticks;
  const double power = std::pow(10.0, std::floor(std::log10(wanted)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * power >= wanted) step = factor * power;
  }
  std::vector<Tick> ticks;
  const auto last = static_cast<int>(std::ceil(high / step - 1e-9));
  for (int i = 0; i <= std::max(last, 1); ++i) ticks.push_back({i * step, label(i * step)});
  return ticks;
}

std::vector<Tick> log_ticks(double low, double high, TickLabel label) {
  const double lowest = std::max(low, 1e-9);
  const auto first = static_cast<int>(std::floor(std::log10(lowest) + 1e-9));
  const auto last = static_cast<int>(std::ceil(std::log10(std::max(high, lowest)) - 1e-9));
  std::vector<Tick> ticks;
  for (int decade = first; decade <= std::max(last, first + 1); ++decade) {
    const double power = std::pow(10.0, decade);
    ticks.push_back({power, label(power)});
    if (decade == std::max(last, first + 1) || last - first > kFewDecades) continue;
    for (const double factor : {2.0, 5.0}) ticks.push_back({factor * power, label(factor * power)});
  }
  return ticks;
}

namespace {

constexpr double kWidth = 480;
constexpr double kHeight = 300;
constexpr double kLeft = 66;
constexpr double kRight = 462;
constexpr double kTop = 14;
constexpr double kBottom = 246;
constexpr int kMaxTicks = 5;

struct Range {
  double low = std::numeric_limits<double>::max();
  double high = 0;
};

Range y_range(const LinePlot& plot) {
  Range range;
  for (const LinePlot::Series& series : plot.series) {
    for (const LinePlot::Point& point : series.points) {
      if (point.is_faulty) continue;
      range.low = std::min(range.low, point.y);
      range.high = std::max(range.high, point.y);
    }
  }
  if (range.high <= 0) return {1, 10};
  return {std::max(range.low, range.high * 1e-7), range.high};
}

std::string x_axis(const LinePlot& plot, const PlotScale& x) {
  std::string text;
  for (const Tick& tick : plot.x_ticks) {
    const double at = x.at(tick.value);
    text += fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/>"
        "<text class=\"tick\" text-anchor=\"middle\" x=\"{0:.1f}\" y=\"{3}\">{4}</text>",
        at, kTop, kBottom, kBottom + 17, html_text(tick.label));
  }
  return text +
         fmt::format("<text class=\"label\" text-anchor=\"middle\" x=\"{}\" y=\"{}\">{}</text>",
                     (kLeft + kRight) / 2, kBottom + 40, html_text(plot.x_label));
}

std::string y_axis(const LinePlot& plot, const std::vector<Tick>& ticks, const PlotScale& y) {
  std::string text;
  for (const Tick& tick : ticks) {
    text += fmt::format(
        "<line class=\"grid\" x1=\"{0}\" x2=\"{1}\" y1=\"{2:.1f}\" y2=\"{2:.1f}\"/>"
        "<text class=\"tick\" text-anchor=\"end\" x=\"{3}\" y=\"{4:.1f}\">{5}</text>",
        kLeft, kRight, y.at(tick.value), kLeft - 6, y.at(tick.value) + 4, html_text(tick.label));
  }
  return text + fmt::format(
                    "<text class=\"label\" text-anchor=\"middle\" transform=\"translate(13 {}) "
                    "rotate(-90)\">{}</text>",
                    (kTop + kBottom) / 2, html_text(plot.y_label));
}

std::string cross(double at, const std::string& tip) {
  return fmt::format(
      "<path class=\"fault\" d=\"M{0:.1f} {1}l8 8m0 -8l-8 8\"><title>{2}</title></path>", at - 4,
      kBottom - 12, html_text(tip));
}

std::string series_text(const LinePlot::Series& series, std::size_t index, const PlotScale& x,
                        const PlotScale& y) {
  std::string line;
  std::string marks;
  for (const LinePlot::Point& point : series.points) {
    if (point.is_faulty) {
      marks += cross(x.at(point.x), point.tip);
      continue;
    }
    line += fmt::format("{}{:.1f} {:.1f}", line.empty() ? "M" : "L", x.at(point.x), y.at(point.y));
    marks += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\"><title>{}</title></circle>",
                         x.at(point.x), y.at(point.y), html_text(point.tip));
  }
  return fmt::format("<g class=\"s{}\"><path class=\"line\" d=\"{}\"/>{}</g>", index,
                     line.empty() ? "M0 0" : line, marks);
}

std::string legend(const std::vector<LinePlot::Series>& series) {
  if (series.size() < 2) return "";
  std::string text;
  for (std::size_t i = 0; i < series.size(); ++i) {
    text += fmt::format("<span><i class=\"s{}\"></i>{}</span>", i, html_text(series[i].name));
  }
  return "<div class=\"legend\">" + text + "</div>";
}

}  // namespace

std::string draw(const LinePlot& plot) {
  const Range range = y_range(plot);
  const std::vector<Tick> y_ticks = plot.has_log_y
                                        ? log_ticks(range.low, range.high, plot.y_tick)
                                        : linear_ticks(range.high, kMaxTicks, plot.y_tick);
  const PlotScale x(plot.has_log_x ? PlotScale::Kind::kLog : PlotScale::Kind::kLinear,
                    plot.x_ticks.front().value, plot.x_ticks.back().value, kLeft + 12, kRight - 12);
  double y_high = 0;
  for (const Tick& tick : y_ticks) y_high = std::max(y_high, tick.value);
  const PlotScale y(plot.has_log_y ? PlotScale::Kind::kLog : PlotScale::Kind::kLinear,
                    y_ticks.front().value, y_high, kBottom, kTop);
  std::string body = x_axis(plot, x) + y_axis(plot, y_ticks, y);
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    body += series_text(plot.series[i], i, x, y);
  }
  return fmt::format(
      "<figure><figcaption>{0}</figcaption><svg viewBox=\"0 0 {1} {2}\" role=\"img\" "
      "aria-label=\"{0}\">{3}</svg>{4}</figure>\n",
      html_text(plot.title), kWidth, kHeight, body, legend(plot.series));
}

namespace {

constexpr double kBarLeft = 128;
constexpr double kBarRight = 462;
constexpr double kBarTop = 14;
constexpr double kBarPitch = 25;
constexpr double kBarHeight = 17;
constexpr int kMaxBarTicks = 4;
// The text of a bar longer than this share of the width would not fit after it, and is drawn in it.
constexpr double kInsideFrom = 0.7;

std::string bar_text(const BarPlot::Bar& bar, double top, const PlotScale& x) {
  const double width = bar.is_faulty ? 0 : x.at(bar.value) - kBarLeft;
  const bool is_inside = width > kInsideFrom * (kBarRight - kBarLeft);
  return fmt::format(
      "<text class=\"tick\" text-anchor=\"end\" x=\"{0}\" y=\"{1:.1f}\">{2}</text>"
      "<rect class=\"bar\" x=\"{3}\" y=\"{4:.1f}\" width=\"{5:.1f}\" height=\"{6}\" rx=\"2\">"
      "<title>{7}</title></rect>"
      "<text class=\"{8}\" text-anchor=\"{9}\" x=\"{10:.1f}\" y=\"{1:.1f}\">{11}</text>",
      kBarLeft - 8, top + 13, html_text(bar.name), kBarLeft, top, width, kBarHeight,
      html_text(bar.tip), bar.is_faulty ? "fault-text" : (is_inside ? "in-bar" : "tick"),
      is_inside ? "end" : "start", kBarLeft + width + (is_inside ? -6 : 6), html_text(bar.text));
}

}  // namespace

std::string draw(const BarPlot& plot) {
  double high = 0;
  for (const BarPlot::Bar& bar : plot.bars) high = std::max(high, bar.is_faulty ? 0 : bar.value);
  const std::vector<Tick> ticks = linear_ticks(high > 0 ? high : 1, kMaxBarTicks, plot.x_tick);
  const PlotScale x(PlotScale::Kind::kLinear, 0, ticks.back().value, kBarLeft, kBarRight);
  const double bottom = kBarTop + kBarPitch * static_cast<double>(plot.bars.size());
  std::string body;
  for (const Tick& tick : ticks) {
    body += fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/>"
        "<text class=\"tick\" text-anchor=\"middle\" x=\"{0:.1f}\" y=\"{3}\">{4}</text>",
        x.at(tick.value), kBarTop - 6, bottom, bottom + 17, html_text(tick.label));
  }
  double top = kBarTop;
  for (const BarPlot::Bar& bar : plot.bars) {
    body += bar_text(bar, top, x);
    top += kBarPitch;
  }
  body += fmt::format("<text class=\"label\" text-anchor=\"middle\" x=\"{}\" y=\"{}\">{}</text>",
                      (kBarLeft + kBarRight) / 2, bottom + 40, html_text(plot.x_label));
  return fmt::format(
      "<figure><figcaption>{0}</figcaption><svg viewBox=\"0 0 {1} {2}\" role=\"img\" "
      "aria-label=\"{0}\">{3}</svg></figure>\n",
      html_text(plot.title), kWidth, bottom + 54, body);
}

}  // namespace metlog
