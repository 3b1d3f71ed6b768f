#pragma once

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

/// Lets messages pass or drops them: one of the four below, or a function of the user's. A client
/// runs its filters in their order, and the first that drops a message is the last to see it.
class Filter {
 public:
  /// Whether the message passes; may change it. Runs on the flusher's thread, or that of
  /// whoever reconfigures a client, which waits for it: it may log (a client that blocks when its
  /// ring is full drops here), but not flush, configure or ask the stats() of any client. When it
  /// throws, the message is lost as `filter_failed`.
  using Function = std::function<bool(Message&)>;

  Filter(std::string name, Function passes) : name_(std::move(name)), rule_(std::move(passes)) {}

  /// As in the reference: "severity_max", ...; of the user's own what it was given.
  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] bool is_users() const { return std::holds_alternative<Function>(rule_); }

  [[nodiscard]] bool passes(Message& message) const;

  /// Of one that is not the user's: whether it drops every message of that type and severity, each
  /// of which may be unknown.
  [[nodiscard]] bool drops(std::optional<std::string_view> type,
                           std::optional<std::int64_t> severity) const;
  /// Whether it may drop some messages by their type.
  [[nodiscard]] bool looks_at_type() const;

 private:
  using Types = std::set<std::string, std::less<>>;
  struct Most {
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
  using Rule = std::variant<Most, Blacklist, Whitelist, Limits, Function>;

  Filter(Rule rule, std::string_view name) : name_(name), rule_(std::move(rule)) {}
  friend Filter severity_max(std::int64_t severity);
  friend Filter type_blacklist(std::set<std::string, std::less<>> types);
  friend Filter type_whitelist(std::set<std::string, std::less<>> types);
  friend Filter type_severity_max(std::map<std::string, std::int64_t, std::less<>> limits);

  std::string name_;
  Rule rule_;
};

/// Messages at least as severe as that pass: those with this number or a lower one.
Filter severity_max(std::int64_t severity);
/// Messages of any other type pass.
Filter type_blacklist(std::set<std::string, std::less<>> types);
/// Messages of these types pass.
Filter type_whitelist(std::set<std::string, std::less<>> types);
/// A limit for each type, as severity_max() has it; messages of other types pass.
Filter type_severity_max(std::map<std::string, std::int64_t, std::less<>> limits);

}  // namespace metlog
