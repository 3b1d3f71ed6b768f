#pragma once

#include <string>

namespace CLI {
class App;
}  // namespace CLI

namespace metlog {

/// What `metlog reload` is asked for.
struct ReloadOptions {
  std::string pid_file;
  int pid = 0;  // where there is no pid file
  double wait_s = 10;
};

CLI::App* add_reload(CLI::App& app, ReloadOptions& options);

/// Asks a metlogd to read its configuration again, and with its pid file says what became of it.
/// Returns the exit code.
int run_reload(const ReloadOptions& options);

}  // namespace metlog
