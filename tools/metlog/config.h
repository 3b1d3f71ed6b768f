#pragma once

#include <string>

namespace CLI {
class App;
}

namespace metlog {

/// What `metlog config` is asked to do.
struct ConfigOptions {
  std::string file;
  std::string section;  // empty: metlog, and none is asked of JSON
  bool explains = false;
  bool checks = false;
};

/// Adds the sub-command with its options, which are read into `options`.
CLI::App* add_config(CLI::App& app, ConfigOptions& options);

/// Prints the dictionary, or where its values come from; returns the exit code.
int run_config(const ConfigOptions& options);

}  // namespace metlog
