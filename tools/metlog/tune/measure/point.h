#pragma once

#include <cstdint>
#include <string>

#include "tools/metlog/tune/measure/point_report.h"
#include "tools/metlog/tune/measure/setting.h"

namespace CLI {
class App;
}

namespace metlog {

/// What one measuring process is asked to do: a process has one engine, and a ring's size is the
/// engine's.
struct PointOptions {
  Measure measure = Measure::kLatency;
  Setting setting;
  std::string url;
  std::string session_directory;
  std::uint64_t phase_ms = 200;
  std::uint64_t rate = 0;  // messages a second of all threads; 0: as fast as they go through
};

/// The arguments of the hidden command that asks for it.
std::vector<std::string> to_arguments(const PointOptions& options);

/// Adds that command, `tune-point`.
CLI::App* add_tune_point(CLI::App& app, PointOptions& options);

/// Measures in this process.
PointReport measure_point(const PointOptions& options);

/// Measures and prints the report; returns the exit code. Ends when the parent does.
int run_tune_point(const PointOptions& options);

}  // namespace metlog
