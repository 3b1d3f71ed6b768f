#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "metlog/filter.h"
#include "metlog/internal/site/site_registry.h"

namespace metlog {

/// Decides which calls a client's filters drop in any case: by those before the first function, as
/// far as type and severity are known before the call. The flusher, which runs all filters, decides
/// the rest. Immutable.
class CallMask {
 public:
  /// `severity` is that of the client's calls that have none.
  CallMask(const std::vector<Filter>& filters, std::int64_t severity);

  /// Returns the bits that the client's gate blocks; see internal/site/gate.h.
  [[nodiscard]] std::uint32_t blocked() const { return blocked_; }
  /// True when is_off() may be true for some site.
  [[nodiscard]] bool looks_at_type() const { return looks_at_type_; }
  /// True when the site is an event that is blocked by its type.
  [[nodiscard]] bool is_off(const RegisteredSite& site) const;

 private:
  [[nodiscard]] bool drops(std::optional<std::string_view> type,
                           std::optional<std::int64_t> severity) const;

  std::vector<Filter> leading_;
  std::int64_t severity_;
  std::uint32_t blocked_ = 0;
  bool looks_at_type_ = false;
};

}  // namespace metlog
