#pragma once

#include <string>

#include "metlog/value.h"

namespace CLI {
class App;
}

namespace metlog {

/// The options of `metlog config`.
struct ConfigOptions {
  std::string file;
  std::string section;  // empty: "metlog" of an INI file; must be empty for JSON
  bool explains = false;
  bool checks = false;
};

/// Adds the sub-command, whose options are parsed into `options`.
CLI::App* add_config(CLI::App& app, ConfigOptions& options);

/// Prints the dictionary, or the origins of its values; returns the exit code.
int run_config(const ConfigOptions& options);

/// Returns one line per value of a configuration: its path, the value as JSON, and its origin. Keys
/// such as sender_port are listed at their nested path, sender.port. Keys that no part of metlog
/// reads are marked.
std::string explanation(const ValueMap& dict);

}  // namespace metlog
