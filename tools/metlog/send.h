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

namespace CLI {
class App;
}

namespace metlog {

/// A field of the command line, with its type.
struct TypedField {
  std::string key;
  std::variant<std::nullptr_t, bool, std::int64_t, std::uint64_t, double, std::string> value;

  /// Refers to this object, which must outlive it.
  [[nodiscard]] Field field() const;
};

/// Reads `key=text`, or `key:=json` where json is a number, true, false or null.
/// kInvalidArgument says what is wrong with it.
absl::StatusOr<TypedField> parse_field(std::string_view text);

/// The options of `metlog send`.
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

/// Adds the sub-command, whose options are parsed into `options`.
CLI::App* add_send(CLI::App& app, SendOptions& options);

/// Sends, waits for the destination and reports losses on stderr; returns the exit code.
int run_send(const SendOptions& options);

}  // namespace metlog
