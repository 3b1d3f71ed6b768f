#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tools/console/option_checks.h"
#include "tools/router/output/matcher.h"

namespace CLI {
class App;
}

namespace metlog {

/// The options of `metlog tail`.
struct TailOptions {
  std::string from = "metlog.jsonl";  // a URL or a path
  Matcher::Options match;
  std::optional<std::string> expression;  // that messages match as well
  std::uint64_t past_lines = 10;
  bool follows = true;
  bool json = false;
  bool allow_remote = false;
  Colour colour = Colour::kAuto;
};

/// Adds the sub-command, whose options are parsed into `options`.
CLI::App* add_tail(CLI::App& app, TailOptions& options);

/// Shows messages until a stop signal; returns the exit code.
int run_tail(const TailOptions& options);

}  // namespace metlog
