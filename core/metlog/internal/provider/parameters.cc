#include "metlog/internal/provider/parameters.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/typed_value.h"

namespace metlog {
namespace {

absl::string_view view(std::string_view text) { return {text.data(), text.size()}; }

/// `UdpSender takes (host, port)`.
std::string takes(const Parameters& parameters) {
  std::string text = absl::StrCat(view(parameters.owner), " takes (");
  const char* separator = "";
  for (const std::string_view name : parameters.names) {
    absl::StrAppend(&text, separator, view(name));
    separator = ", ";
  }
  return text.append(")");
}

absl::Status wrong(const Parameters& parameters, const std::string& what) {
  return absl::InvalidArgumentError(absl::StrCat(takes(parameters), "; ", what));
}

}  // namespace

absl::StatusOr<std::vector<const Value*>> Parameters::bind(const Arguments& arguments) const {
  if (arguments.positional.size() > names.size()) {
    return wrong(*this, absl::StrCat(arguments.positional.size(), " arguments are given"));
  }
  std::vector<const Value*> bound(names.size());
  std::transform(arguments.positional.begin(), arguments.positional.end(), bound.begin(),
                 [](const Value& value) { return &value; });
  for (const ValueEntry& entry : arguments.named) {
    const auto name = std::find(names.begin(), names.end(), entry.key);
    const ValueOrigin* const origin = entry.value.origin();
    // An option of [DEFAULT] is in every section.
    if (name == names.end() && origin != nullptr && origin->section == "DEFAULT") continue;
    if (name == names.end()) return wrong(*this, absl::StrCat("it knows no '", entry.key, "'"));
    const Value*& place = bound[static_cast<std::size_t>(name - names.begin())];
    if (place != nullptr) return wrong(*this, absl::StrCat("'", entry.key, "' is given twice"));
    place = &entry.value;
  }
  for (std::size_t i = 0; i < required; ++i) {
    if (bound[i] == nullptr) return wrong(*this, absl::StrCat("'", view(names[i]), "' is missing"));
  }
  return bound;
}

absl::Status refuse_unexpected(const ValueMap& parameters,
                               const std::vector<std::string_view>& known) {
  std::string unexpected;
  std::string place;
  for (const ValueEntry& entry : parameters) {
    const ValueOrigin* const origin = entry.value.origin();
    if (entry.value.is_null() || (origin != nullptr && origin->section == "DEFAULT")) continue;
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    if (unexpected.empty() && origin != nullptr) place = place_text(*origin).append(": ");
    absl::StrAppend(&unexpected, unexpected.empty() ? "'" : ", '", entry.key, "'");
  }
  if (unexpected.empty()) return absl::OkStatus();
  std::string takes;
  for (const std::string_view name : known) {
    absl::StrAppend(&takes, takes.empty() ? "" : ", ", view(name));
  }
  return absl::InvalidArgumentError(
      absl::StrCat(place, "Unexpected arguments: [", unexpected, "]; it takes ", takes));
}

}  // namespace metlog
