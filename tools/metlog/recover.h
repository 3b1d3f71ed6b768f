#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace metlog {

/// The options of `metlog recover`.
struct RecoverOptions {
  std::string directory;                   // of the sessions; empty for the default
  std::string to;                          // a URL; empty for each client's own destination
  std::string out;                         // a file, in the place of `to`
  std::optional<std::uint64_t> max_bytes;  // that may be left
  bool purges = false;
  bool follows = false;
  double wait_s = 10;
};

/// Adds the sub-command, whose options are parsed into `options`.
CLI::App* add_recover(CLI::App& app, RecoverOptions& options);

/// Recovers, says on stdout what became of each session, and returns the exit code.
int run_recover(const RecoverOptions& options);

}  // namespace metlog
