#pragma once

#include <string>
#include <vector>

namespace metlog {

/// A mark on an axis.
struct Tick {
  double value = 0;
  std::string label;
};

/// From values to places on the page.
class PlotScale {
 public:
  enum class Kind { kLinear, kLog };

  /// `low` lands on `from`, `high` on `to`. On a logarithmic scale both are above 0.
  PlotScale(Kind kind, double low, double high, double from, double to);

  /// Values outside land at the ends.
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
/// about `most` of them.
std::vector<Tick> linear_ticks(double high, int most, TickLabel label);
/// Powers of ten that enclose the range; with 2 and 5 between them when there are few.
std::vector<Tick> log_ticks(double low, double high, TickLabel label);

/// A plot of lines: what is shown, not how.
struct LinePlot {
  struct Point {
    double x = 0;
    double y = 0;
    std::string tip;
    bool is_faulty = false;  // shown as a cross at the foot, without a value
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
  std::vector<Tick> x_ticks;  // the range, too
  TickLabel y_tick = nullptr;
  std::vector<Series> series;
};

/// Bars that lie, one below the other.
struct BarPlot {
  struct Bar {
    std::string name;
    double value = 0;
    std::string text;  // behind the bar
    std::string tip;
    bool is_faulty = false;
  };

  std::string title;
  std::string x_label;
  TickLabel x_tick = nullptr;
  std::vector<Bar> bars;
};

/// As <figure> with the drawing, and a legend where there are several lines. The colours come from
/// the page's style.
std::string draw(const LinePlot& plot);
std::string draw(const BarPlot& plot);

}  // namespace metlog
