#include "metlog/internal/filter/call_mask.h"

#include <algorithm>

#include "metlog/internal/site/gate.h"

namespace metlog {

CallMask::CallMask(const std::vector<Filter>& filters, std::int64_t severity)
    : leading_(filters.begin(), std::find_if(filters.begin(), filters.end(),
                                             [](const Filter& f) { return f.is_function(); })),
      severity_(severity) {
  for (int level = 0; level <= static_cast<int>(Severity::kTrace); ++level) {
    const auto severity_of_call = static_cast<Severity>(level);
    if (drops("oldstyle", number_of(severity_of_call))) {
      blocked_ |= gate::of_severity(severity_of_call);
    }
  }
  struct Kind {
    SiteKind kind;
    std::optional<std::string_view> type;
  };
  for (const Kind& each : {Kind{SiteKind::kCounter, "counter"}, Kind{SiteKind::kTimer, "timer"},
                           Kind{SiteKind::kEvent, std::nullopt}}) {
    if (drops(each.type, std::nullopt)) blocked_ |= gate::of_kind(each.kind);
    if (drops(each.type, severity_)) blocked_ |= gate::of_default_severity(each.kind);
  }
  looks_at_type_ = std::any_of(leading_.begin(), leading_.end(),
                               [](const Filter& filter) { return filter.looks_at_type(); });
}

bool CallMask::is_off(const RegisteredSite& site) const {
  if (site.kind != SiteKind::kEvent) return false;
  const bool has_own =
      std::any_of(site.args.begin(), site.args.end(),
                  [](const RegisteredArg& arg) { return arg.role == ArgRole::kSeverity; });
  return drops(site.text, has_own ? std::nullopt : std::optional(severity_));
}

bool CallMask::drops(std::optional<std::string_view> type,
                     std::optional<std::int64_t> severity) const {
  return std::any_of(leading_.begin(), leading_.end(),
                     [&](const Filter& filter) { return filter.drops(type, severity); });
}

}  // namespace metlog
