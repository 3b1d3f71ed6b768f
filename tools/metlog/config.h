#pragma once

#include <string>

#include "metlog/value.h"

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

/// A line for each value of a configuration: its path, the value as JSON, and where it comes from.
/// Keys like sender_port are told where they lie nested, as sender.port. Keys that nobody reads are
/// said to be such.
std::string explanation(const ValueMap& dict);

}  // namespace metlog
