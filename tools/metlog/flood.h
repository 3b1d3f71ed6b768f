#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "metlog/options.h"

namespace CLI {
class App;
}

namespace metlog {

/// The options of `metlog flood`.
struct FloodOptions {
  std::string to;
  std::uint64_t rate = 0;  // messages per second of all threads together; 0: as fast as possible
  std::size_t threads = 1;
  std::size_t size = 6;     // bytes of the payload
  double seconds = 0;       // 0: no end
  std::uint64_t count = 0;  // messages of all threads together; 0: no end
  WhenFull policy = WhenFull::kBlock;
  double wait_s = 5;
  bool quiet = false;
  bool json = false;
};

/// Adds the sub-command, whose options are parsed into `options`.
CLI::App* add_flood(CLI::App& app, FloodOptions& options);

/// Floods until the end that the options set or a stop signal, then prints the summary; returns the
/// exit code.
int run_flood(const FloodOptions& options);

}  // namespace metlog
