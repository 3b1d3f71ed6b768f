#include "metlog/internal/provider/provider_table.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "metlog/internal/provider/near_names.h"

namespace metlog {

std::string dotted(std::string_view name) {
  std::string text(name);
  std::replace(text.begin(), text.end(), ':', '.');
  return text;
}

absl::Status unknown_provider(std::string_view kind, std::string_view name,
                              const std::vector<std::string>& known) {
  return absl::NotFoundError(absl::StrCat("unknown ", absl::string_view(kind.data(), kind.size()),
                                          " '", absl::string_view(name.data(), name.size()), "'",
                                          hint_at(dotted(name), known)));
}

absl::Status taken_provider(std::string_view kind, std::string_view name) {
  return absl::AlreadyExistsError(
      absl::StrCat("there is a ", absl::string_view(kind.data(), kind.size()), " of the name '",
                   absl::string_view(name.data(), name.size()), "' already"));
}

}  // namespace metlog
