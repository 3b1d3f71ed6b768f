#include "metlog/internal/provider/provider_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "metlog/error_kind.h"
#include "metlog/internal/text/nearest_name.h"

namespace metlog {

std::string dotted(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), ':', '.');
  return text;
}

namespace {

absl::string_view view(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

absl::Status unknown_provider(const ProviderKind& kind, std::string_view name,
                              const std::vector<std::string>& known) {
  std::string message = absl::StrCat("unknown ", view(kind.name), " '", view(name), "'",
                                     hint_at(dotted(name), known));
  if (!kind.adding.empty() && suggest_names(dotted(name), known).empty()) {
    absl::StrAppend(&message, "; ", view(kind.adding));
  }
  return with_detail(absl::NotFoundError(message), ErrorKind::kProviderNotFound, name);
}

absl::Status taken_provider(const ProviderKind& kind, std::string_view name) {
  return absl::AlreadyExistsError(
      absl::StrCat("there is a ", view(kind.name), " of the name '", view(name), "' already"));
}

}  // namespace metlog
