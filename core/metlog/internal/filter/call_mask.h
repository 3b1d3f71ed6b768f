#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "metlog/filter.h"
#include "metlog/internal/site/site_registry.h"

namespace metlog {

/// What a client's filters say of a call before it is made: the ones that come before the first of
/// the user's, as far as type and severity are sure by then. What is not, the flusher decides,
/// which runs all of them. Immutable.
class CallMask {
 public:
  /// `severity` is that of the client's calls that name none.
  CallMask(const std::vector<Filter>& filters, std::int64_t severity);

  /// What the client's gate has to block; see internal/site/gate.h.
  [[nodiscard]] std::uint32_t blocked() const { return blocked_; }
  /// Whether is_off() may be true of any.
  [[nodiscard]] bool looks_at_type() const { return looks_at_type_; }
  /// Whether an event is blocked by its type.
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
