#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "metlog/internal/config/ini.h"
#include "metlog/internal/config/value_origin.h"

namespace metlog {

/// What counts in one section: its own options, and those of [DEFAULT] that it does not have.
/// The document outlives it.
class IniScope {
 public:
  IniScope(const IniDocument& document, const IniSection& section)
      : document_(document), section_(section) {}

  [[nodiscard]] const IniSection& section() const { return section_; }
  /// All options but `__name__`: first the section's own.
  [[nodiscard]] std::vector<const IniOption*> options() const;
  /// What %(name)s stands for, not yet interpolated. `__name__` is the section's name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  /// Where an option that options() returned is written.
  [[nodiscard]] ValueOrigin origin_of(const IniOption& option) const;

 private:
  const IniDocument& document_;
  const IniSection& section_;
};

}  // namespace metlog
