#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace metlog {

/// What one process was measured to do, and the books of its messages.
struct Measurement {
  /// The threads of one name, over the measured time. Rates are of all of them together.
  struct Threads {
    std::string process;  // "host" or "metlogd"
    std::string name;
    std::map<std::string, double, std::less<>> figures;
  };

  /// By name, with the unit at the end: "units_per_s", "kept_percent". docs/benchmarks.md lists
  /// them.
  std::map<std::string, double, std::less<>> figures;
  std::vector<Threads> threads;
  std::string error;  // why there are no figures; empty when there are

  /// 0 when there is no such figure.
  [[nodiscard]] double figure(std::string_view name) const;
};

/// Lines of text, for a pipe.
std::string to_lines(const Measurement& measurement);
/// Reads what to_lines() wrote; a text that is not whole has an error.
Measurement measurement_of(std::string_view lines);

}  // namespace metlog
