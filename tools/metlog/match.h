#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/console/option_checks.h"
#include "tools/router/match/message_matcher.h"

namespace CLI {
class App;
}

namespace metlog {

/// The options of `metlog match`, which are those of grep.
struct MatchOptions {
  enum class Show { kMessages, kCounts, kFiles, kNothing };
  enum class Names { kAuto, kAlways, kNever };

  std::string expression;
  std::vector<std::string> files;  // the standard input when empty, and for -
  std::uint64_t max_count = std::numeric_limits<std::uint64_t>::max();  // for each file
  Show show = Show::kMessages;
  Names names = Names::kAuto;  // kAuto: when there is more than one file
  Colour colour = Colour::kAuto;
  bool is_inverted = false;
  bool shows_lines = false;
  bool reports_errors = true;
};

/// Adds the sub-command, whose options are parsed into `options`.
CLI::App* add_match(CLI::App& app, MatchOptions& options);

/// Compiles an expression of the command line, and reports its notes.
absl::StatusOr<std::shared_ptr<const MessageMatcher>> compile_expression(const std::string& text);

/// Prints the messages that match; returns the exit code: 0 when there are any, 1 when there are
/// none, 2 when something failed.
int run_match(const MatchOptions& options);

}  // namespace metlog
