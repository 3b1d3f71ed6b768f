#include <fmt/format.h>

#include <algorithm>

#include "tools/metlog/tune/report/html_text.h"
#include "tools/metlog/tune/report/plot.h"

namespace metlog {
namespace {

constexpr double kWidth = 480;
constexpr double kLeft = 128;
constexpr double kRight = 462;
constexpr double kTop = 14;
constexpr double kBarPitch = 25;
constexpr double kBarHeight = 17;
constexpr int kMostTicks = 4;
// Behind a bar of this share of the width its text would not fit, and stands in it.
constexpr double kInsideFrom = 0.7;

std::string bar_text(const BarPlot::Bar& bar, double top, const PlotScale& x) {
  const double width = bar.is_faulty ? 0 : x.at(bar.value) - kLeft;
  const bool is_inside = width > kInsideFrom * (kRight - kLeft);
  return fmt::format(
      "<text class=\"tick\" text-anchor=\"end\" x=\"{0}\" y=\"{1:.1f}\">{2}</text>"
      "<rect class=\"bar\" x=\"{3}\" y=\"{4:.1f}\" width=\"{5:.1f}\" height=\"{6}\" rx=\"2\">"
      "<title>{7}</title></rect>"
      "<text class=\"{8}\" text-anchor=\"{9}\" x=\"{10:.1f}\" y=\"{1:.1f}\">{11}</text>",
      kLeft - 8, top + 13, html_text(bar.name), kLeft, top, width, kBarHeight, html_text(bar.tip),
      bar.is_faulty ? "fault-text" : (is_inside ? "in-bar" : "tick"), is_inside ? "end" : "start",
      kLeft + width + (is_inside ? -6 : 6), html_text(bar.text));
}

}  // namespace

std::string draw(const BarPlot& plot) {
  double high = 0;
  for (const BarPlot::Bar& bar : plot.bars) high = std::max(high, bar.is_faulty ? 0 : bar.value);
  const std::vector<Tick> ticks = linear_ticks(high > 0 ? high : 1, kMostTicks, plot.x_tick);
  const PlotScale x(PlotScale::Kind::kLinear, 0, ticks.back().value, kLeft, kRight);
  const double bottom = kTop + kBarPitch * static_cast<double>(plot.bars.size());
  std::string body;
  for (const Tick& tick : ticks) {
    body += fmt::format(
        "<line class=\"grid\" x1=\"{0:.1f}\" x2=\"{0:.1f}\" y1=\"{1}\" y2=\"{2}\"/>"
        "<text class=\"tick\" text-anchor=\"middle\" x=\"{0:.1f}\" y=\"{3}\">{4}</text>",
        x.at(tick.value), kTop - 6, bottom, bottom + 17, html_text(tick.label));
  }
  double top = kTop;
  for (const BarPlot::Bar& bar : plot.bars) {
    body += bar_text(bar, top, x);
    top += kBarPitch;
  }
  body += fmt::format("<text class=\"label\" text-anchor=\"middle\" x=\"{}\" y=\"{}\">{}</text>",
                      (kLeft + kRight) / 2, bottom + 40, html_text(plot.x_label));
  return fmt::format(
      "<figure><figcaption>{0}</figcaption><svg viewBox=\"0 0 {1} {2}\" role=\"img\" "
      "aria-label=\"{0}\">{3}</svg></figure>\n",
      html_text(plot.title), kWidth, bottom + 54, body);
}

}  // namespace metlog
