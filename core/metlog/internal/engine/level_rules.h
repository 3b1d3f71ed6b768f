#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/severity.h"

namespace metlog {

/// Levels by the names of loggers, `*=info,db=debug`. A rule holds for its name and those below it
/// that have none. Used under a lock.
class LevelRules {
 public:
  /// Reads `NAME=LEVEL,..`, or a level alone for all names. kInvalidArgument says which part is
  /// wrong.
  static absl::StatusOr<LevelRules> parse(std::string_view text);
  /// kInvalidArgument for what is no name of a logger, or `*`.
  static absl::Status check_name(std::string_view name);

  /// `name` is one that check_name() takes.
  void set(std::string_view name, Severity level) { by_name_[std::string(name)] = level; }
  /// Adds all rules of another one, in the place of those of the same name.
  void merge(const LevelRules& other);
  /// False when there was none.
  bool remove(std::string_view name);

  /// Returns the rule of this very name; `*` is one.
  [[nodiscard]] std::optional<Severity> at(std::string_view name) const;
  /// Returns the rule for a logger: of its name, or of the nearest one above.
  [[nodiscard]] std::optional<Severity> of(std::string_view logger) const;
  /// Returns the name above: `db` for `db.pool`, `*` for `db`; empty for `*`.
  static std::string_view above(std::string_view name);

  [[nodiscard]] std::string text() const;
  [[nodiscard]] const auto& by_name() const { return by_name_; }

 private:
  std::map<std::string, Severity, std::less<>> by_name_;
};

}  // namespace metlog
