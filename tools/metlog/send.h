#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/field.h"

namespace metlog {

/// A field of the command line, with the type that was asked for.
struct TypedField {
  std::string key;
  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string> value;

  /// Refers to this.
  [[nodiscard]] Field field() const;
};

/// Reads `key=text`, or `key:=json` where json is a number, true, false or null.
/// kInvalidArgument names what is wrong with it.
absl::StatusOr<TypedField> parse_field(std::string_view text);

}  // namespace metlog

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
