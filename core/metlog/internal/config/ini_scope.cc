#include "metlog/internal/config/ini_scope.h"

namespace metlog {
namespace {

constexpr std::string_view kSectionName = "__name__";

}  // namespace

std::vector<const IniOption*> IniScope::options() const {
  std::vector<const IniOption*> options;
  for (const IniOption& option : section_.options) {
    if (option.name != kSectionName) options.push_back(&option);
  }
  for (const IniOption& option : document_.defaults().options) {
    const bool is_hidden = option.name == kSectionName || section_.find(option.name) != nullptr;
    if (!is_hidden) options.push_back(&option);
  }
  return options;
}

std::optional<std::string_view> IniScope::find(std::string_view name) const {
  if (const IniOption* const own = section_.find(name); own != nullptr) return own->value;
  if (name == kSectionName) return section_.name;
  const IniOption* const shared = document_.defaults().find(name);
  if (shared == nullptr) return std::nullopt;
  return shared->value;
}

ValueOrigin IniScope::origin_of(const IniOption& option) const {
  ValueOrigin origin;
  origin.file = document_.file();
  origin.line = option.line;
  const bool is_own = section_.find(option.name) == &option;
  origin.section = is_own ? section_.name : document_.defaults().name;
  origin.key = option.name;
  origin.written = option.value;
  origin.replaced_line = option.replaced_line;
  return origin;
}

}  // namespace metlog
