#pragma once

#include <string>

namespace CLI {
class App;
}  // namespace CLI

namespace metlog {

/// What `metlog keygen` is asked for.
struct KeygenOptions {
  std::string stem;
};

CLI::App* add_keygen(CLI::App& app, KeygenOptions& options);

/// Makes a key pair of CURVE in two new files. Returns the exit code.
int run_keygen(const KeygenOptions& options);

}  // namespace metlog
