#pragma once

#include <string>
#include <vector>

#include "tools/metlog/tune/report/plot_scale.h"

namespace metlog {

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
