#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "tools/metlog/tune/report/html_text.h"
#include "tools/metlog/tune/report/plot.h"

namespace metlog {
namespace {

constexpr double kWidth = 480;
constexpr double kHeight = 300;
constexpr double kLeft = 66;
constexpr double kRight = 462;
constexpr double kTop = 14;
constexpr double kBottom = 246;
constexpr int kMostTicks = 5;

using Kind = PlotScale::Kind;

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
                                        : linear_ticks(range.high, kMostTicks, plot.y_tick);
  const PlotScale x(plot.has_log_x ? Kind::kLog : Kind::kLinear, plot.x_ticks.front().value,
                    plot.x_ticks.back().value, kLeft + 12, kRight - 12);
  double y_high = 0;
  for (const Tick& tick : y_ticks) y_high = std::max(y_high, tick.value);
  const PlotScale y(plot.has_log_y ? Kind::kLog : Kind::kLinear, y_ticks.front().value, y_high,
                    kBottom, kTop);
  std::string body = x_axis(plot, x) + y_axis(plot, y_ticks, y);
  for (std::size_t i = 0; i < plot.series.size(); ++i) {
    body += series_text(plot.series[i], i, x, y);
  }
  return fmt::format(
      "<figure><figcaption>{0}</figcaption><svg viewBox=\"0 0 {1} {2}\" role=\"img\" "
      "aria-label=\"{0}\">{3}</svg>{4}</figure>\n",
      html_text(plot.title), kWidth, kHeight, body, legend(plot.series));
}

}  // namespace metlog
