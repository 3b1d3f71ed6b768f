#pragma once

#include <cstdint>
#include <string>

#include "tools/metlog/tune/measure/point_report.h"
#include "tools/metlog/tune/measure/setting.h"

namespace CLI {
class App;
}

namespace metlog {

/// The task of one measuring process. Each point needs a new one, because the size of rings belongs
/// to the engine.
struct PointOptions {
  Measure measure = Measure::kLatency;
  Setting setting;
  std::string url;
  std::string session_directory;
  std::uint64_t phase_ms = 200;
  std::uint64_t rate = 0;  // messages per second of all threads; 0: as fast as possible
};

/// Returns the arguments of the hidden command `tune-point` for this task.
std::vector<std::string> to_arguments(const PointOptions& options);

/// Adds the command `tune-point`, whose options are parsed into `options`.
CLI::App* add_tune_point(CLI::App& app, PointOptions& options);

/// Measures in this process.
PointReport measure_point(const PointOptions& options);

/// Measures and prints the report; returns the exit code. Ends when the parent does.
int run_tune_point(const PointOptions& options);

}  // namespace metlog
