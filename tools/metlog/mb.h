#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace metlog {

/// The options of `metlog mb`, which are those of the original's `mb`.
struct MbOptions {
  std::string host;
  std::string port;       // as written: it is checked when it runs
  std::string metlogcfg;  // empty: a UDP sender of host and port
  bool raw = false;
};

/// Adds the sub-command, whose options are parsed into `options`.
CLI::App* add_mb(CLI::App& app, MbOptions& options);

/// Completes options that are cut short, `--metl=x.ini`, as the original took them. Leaves
/// arguments alone that do not begin with `mb`.
void complete_mb_options(std::vector<std::string>& arguments);

/// Writes the line of usage on stderr; returns the original's exit code for it, 1.
int refuse_mb_usage();

/// Sends until it is stopped; returns the exit code.
int run_mb(const MbOptions& options);

}  // namespace metlog
