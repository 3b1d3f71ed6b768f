#pragma once

#include <string>

namespace CLI {
class App;
}  // namespace CLI

namespace metlog {

/// What `metlog status` is asked for.
struct StatusOptions {
  std::string http = "127.0.0.1:5570";
  std::string pid_file;  // names the server instead of `http`
  bool is_json = false;
  double wait_s = 5;
};

CLI::App* add_status(CLI::App& app, StatusOptions& options);

/// Shows the state of a router that runs. Returns the exit code.
int run_status(const StatusOptions& options);

}  // namespace metlog
