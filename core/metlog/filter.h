#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <variant>

#include "metlog/message.h"

namespace metlog {

/// Lets messages pass or drops them: one of the four rules below, or a function. A client runs its
/// filters in their order, and the first that drops a message is the last to see it.
class Filter {
 public:
  /// Returns true to let the message pass; may change it. Runs on the flusher's thread, or on a
  /// thread that reconfigures a client, under the flusher's lock: it may make any call. A client
  /// that blocks when its ring is full drops here, flush() returns false, and open(), reconfigure()
  /// and close() are refused: they would wait for this function. If it throws, the message is lost
  /// as `filter_failed`.
  using Function = std::function<bool(Message&)>;

  Filter(std::string name, Function passes) : name_(std::move(name)), rule_(std::move(passes)) {}

  /// Returns "severity_max", ..., as in the reference; of a function the name that it was given.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_function() const { return std::holds_alternative<Function>(rule_); }

  [[nodiscard]] bool passes(Message& message) const;

  /// True when a rule drops every message of this type and severity, each of which may be unknown;
  /// false for a function.
  [[nodiscard]] bool drops(std::optional<std::string_view> type,
                           std::optional<std::int64_t> severity) const;
  /// True when a rule may drop messages by their type.
  [[nodiscard]] bool looks_at_type() const;

 private:
  using Types = std::set<std::string, std::less<>>;
  struct MaxSeverity {
    std::int64_t severity;
  };
  struct Blacklist {
    Types types;
  };
  struct Whitelist {
    Types types;
  };
  struct Limits {
    std::map<std::string, std::int64_t, std::less<>> by_type;
  };
  using Rule = std::variant<MaxSeverity, Blacklist, Whitelist, Limits, Function>;

  Filter(Rule rule, std::string_view name) : name_(name), rule_(std::move(rule)) {}
  friend Filter severity_max(std::int64_t severity);
  friend Filter type_blacklist(std::set<std::string, std::less<>> types);
  friend Filter type_whitelist(std::set<std::string, std::less<>> types);
  friend Filter type_severity_max(std::map<std::string, std::int64_t, std::less<>> limits);

  std::string name_;
  Rule rule_;
};

/// Makes a filter that messages of this severity pass, and more severe ones: lower numbers.
Filter severity_max(std::int64_t severity);
/// Makes a filter that messages of all other types pass.
Filter type_blacklist(std::set<std::string, std::less<>> types);
/// Makes a filter that messages of these types pass.
Filter type_whitelist(std::set<std::string, std::less<>> types);
/// Makes a filter with a severity_max() for each type; messages of other types pass.
Filter type_severity_max(std::map<std::string, std::int64_t, std::less<>> limits);

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
