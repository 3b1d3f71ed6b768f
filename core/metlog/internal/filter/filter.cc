#include "metlog/filter.h"

namespace metlog {

bool Filter::passes(Message& message) const {
  if (const auto* const function = std::get_if<Function>(&rule_)) return (*function)(message);
  return !drops(message.type(), message.severity());
}

bool Filter::drops(std::optional<std::string_view> type,
                   std::optional<std::int64_t> severity) const {
  if (const auto* const max = std::get_if<MaxSeverity>(&rule_)) {
    return severity.has_value() && *severity > max->severity;
  }
  if (const auto* const blacklist = std::get_if<Blacklist>(&rule_)) {
    return type.has_value() && blacklist->types.contains(*type);
  }
  if (const auto* const whitelist = std::get_if<Whitelist>(&rule_)) {
    return whitelist->types.empty() || (type.has_value() && !whitelist->types.contains(*type));
  }
  if (const auto* const limits = std::get_if<Limits>(&rule_)) {
    if (!type.has_value() || !severity.has_value()) return false;
    const auto limit = limits->by_type.find(*type);
    return limit != limits->by_type.end() && *severity > limit->second;
  }
  return false;
}

bool Filter::looks_at_type() const {
  return !is_function() && !std::holds_alternative<MaxSeverity>(rule_);
}

Filter severity_max(std::int64_t severity) {
  return {Filter::MaxSeverity{severity}, "severity_max"};
}

Filter type_blacklist(std::set<std::string, std::less<>> types) {
  return {Filter::Blacklist{std::move(types)}, "type_blacklist"};
}

Filter type_whitelist(std::set<std::string, std::less<>> types) {
  return {Filter::Whitelist{std::move(types)}, "type_whitelist"};
}

Filter type_severity_max(std::map<std::string, std::int64_t, std::less<>> limits) {
  return {Filter::Limits{std::move(limits)}, "type_severity_max"};
}

}  // namespace metlog
