#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace metlog {

/// Escapes text for HTML and SVG, attributes included.
std::string html_text(std::string_view text);

/// A mark on an axis.
struct Tick {
  double value = 0;
  std::string label;
};

/// Maps values to positions in a drawing.
class PlotScale {
 public:
  enum class Kind { kLinear, kLog };

  /// Maps `low` to `from` and `high` to `to`. On a logarithmic scale both are above 0.
  PlotScale(Kind kind, double low, double high, double from, double to);

  /// Values outside the range are clamped to it.
  [[nodiscard]] double at(double value) const;
  [[nodiscard]] double low() const { return low_; }
  [[nodiscard]] double high() const { return high_; }

 private:
  Kind kind_;
  double low_;
  double high_;
  double from_;
  double to_;
};

using TickLabel = std::string (*)(double);

/// Round values (1, 2 or 5 times a power of ten) from 0 to the first that is not below `high`;
/// about `max_ticks` of them.
std::vector<Tick> linear_ticks(double high, int max_ticks, TickLabel label);
/// Powers of ten that enclose the range; with 2 and 5 between them when there are few decades.
std::vector<Tick> log_ticks(double low, double high, TickLabel label);

/// The contents of a line plot.
struct LinePlot {
  struct Point {
    double x = 0;
    double y = 0;
    std::string tip;
    bool is_faulty = false;  // a cross at the bottom, without a value
  };
  struct Series {
    std::string name;
    std::vector<Point> points;
  };

  std::string title;
  std::string x_label;
  std::string y_label;
  bool has_log_x = false;
  bool has_log_y = false;
  std::vector<Tick> x_ticks;  // the first and the last are the range
  TickLabel y_tick = nullptr;
  std::vector<Series> series;
};

/// The contents of a plot of horizontal bars.
struct BarPlot {
  struct Bar {
    std::string name;
    double value = 0;
    std::string text;  // after the bar, or in a long one
    std::string tip;
    bool is_faulty = false;
  };

  std::string title;
  std::string x_label;
  TickLabel x_tick = nullptr;
  std::vector<Bar> bars;
};

/// Draws a plot as an HTML <figure> with an SVG, and a legend where there are several lines. The
/// page's style has the colours.
std::string draw(const LinePlot& plot);
std::string draw(const BarPlot& plot);

}  // namespace metlog
