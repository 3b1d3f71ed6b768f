#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/metlog/typed_field.h"

namespace CLI {
class App;
}

namespace metlog {

/// What `metlog send` is asked to do.
struct SendOptions {
  std::string to;
  std::string type;
  int severity = 6;
  std::string logger;
  std::string payload;
  std::vector<TypedField> fields;
  bool reads_stdin = false;
  double wait_s = 5;
  bool verbose = false;
};

/// Adds the sub-command with its options, which are read into `options`.
CLI::App* add_send(CLI::App& app, SendOptions& options);

/// Sends, waits and says what was lost; returns the exit code.
int run_send(const SendOptions& options);

}  // namespace metlog
