#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/metlog/tune/search/objective.h"

namespace CLI {
class App;
}

namespace metlog {

/// The options of `metlog tune`.
struct TuneOptions {
  double budget_s = 60;
  bool quick = false;
  Goal goal = Goal::kBalanced;
  std::vector<Transport> transports = {Transport::kFile};  // the one required, or alternatives
  std::size_t threads = 1;
  std::size_t size = 16;
  std::uint64_t rate = 0;  // messages per second of all threads; 0: as fast as possible
  std::string file;        // empty: a temporary one
  std::string report = "metlog-tune.html";
  bool no_report = false;
  bool quiet = false;
  bool json = false;
  std::string command;  // as typed, for the report
  std::string version;  // of this program
};

/// Adds the sub-command, whose options are parsed into `options`.
CLI::App* add_tune(CLI::App& app, TuneOptions& options);

/// Parses a time: "2m" is 120, "90s" and "90" are 90, "1500ms" is 1.5; negative when `text` is not
/// a time.
double parse_seconds(const std::string& text);

/// Tunes, prints the result and writes the report; returns the exit code.
int run_tune(const TuneOptions& options);

}  // namespace metlog
