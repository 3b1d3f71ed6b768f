#include "metlog/internal/text/nearest_name.h"

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace metlog {
namespace {

constexpr std::size_t kMaxNameBytes = 64;  // of a text that is compared; a longer one is near none

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

constexpr std::size_t kMaxSuggestions = 3;
/// Longer names are cut: the comparison costs the product of both lengths.
constexpr std::size_t kMaxComparedBytes = 200;

std::string folded(std::string_view text) {
  return absl::AsciiStrToLower({text.data(), std::min(text.size(), kMaxComparedBytes)});
}

/// The part after the last dot.
std::string last_part(const std::string& name) { return name.substr(name.rfind('.') + 1); }

}  // namespace

std::size_t edits_between(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before_last;
  std::vector<std::size_t> last(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::vector<std::size_t> row(b.size() + 1, i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool is_same = lower(a[i - 1]) == lower(b[j - 1]);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (is_same ? 0 : 1)});
      const bool is_swap = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                           lower(a[i - 2]) == lower(b[j - 1]);
      if (is_swap) row[j] = std::min(row[j], before_last[j - 2] + 1);
    }
    before_last = std::move(last);
    last = std::move(row);
  }
  return last[b.size()];
}

std::string_view nearest_name(std::string_view text, std::span<const std::string_view> names) {
  if (text.empty() || text.size() > kMaxNameBytes) return {};
  std::string_view nearest;
  std::size_t fewest = std::max<std::size_t>(1, text.size() / 3) + 1;
  for (const std::string_view name : names) {
    const std::size_t edits = edits_between(text, name);
    if (edits >= fewest) continue;
    fewest = edits;
    nearest = name;
  }
  return nearest;
}

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
