#include "metlog/internal/provider/provider_table.h"

#include <algorithm>
#include <cstddef>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
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

namespace {

constexpr std::size_t kMaxSuggestions = 3;
/// Longer names are cut: the comparison costs the product of both lengths.
constexpr std::size_t kMaxComparedBytes = 200;

std::string folded(std::string_view text) {
  return absl::AsciiStrToLower({text.data(), std::min(text.size(), kMaxComparedBytes)});
}

/// The part after the last dot.
std::string last_part(const std::string& name) { return name.substr(name.rfind('.') + 1); }

}  // namespace

std::vector<std::string> suggest_names(std::string_view name,
                                       const std::vector<std::string>& known) {
  const std::string wanted = folded(name);
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (const std::string& candidate : known) {
    const std::string folded_candidate = folded(candidate);
    // The right class in the wrong module counts as one typing error.
    std::size_t far = edits_between(wanted, folded_candidate);
    if (last_part(wanted) == last_part(folded_candidate)) far = std::min<std::size_t>(far, 1);
    if (far <= 1 + wanted.size() / 4) ranked.emplace_back(far, candidate);
  }
  std::sort(ranked.begin(), ranked.end());
  ranked.resize(std::min(ranked.size(), kMaxSuggestions));
  std::vector<std::string> names;
  names.reserve(ranked.size());
  for (auto& [far, candidate] : ranked) names.push_back(std::move(candidate));
  return names;
}

std::string hint_at(std::string_view name, const std::vector<std::string>& known) {
  if (known.empty()) return "; none is known";
  const std::vector<std::string> near = suggest_names(name, known);
  if (near.empty()) return absl::StrCat("; known are ", absl::StrJoin(known, ", "));
  return absl::StrCat("; did you mean '", absl::StrJoin(near, "' or '"), "'?");
}

}  // namespace metlog
