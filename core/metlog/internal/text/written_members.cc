#include "metlog/internal/text/written_members.h"

#include <algorithm>
#include <cstring>
#include <unordered_set>

namespace metlog {

void WrittenMembers::add_to_many(const Member& member) {
  if (many_.empty()) many_.assign(few_, few_ + kFew);
  many_.push_back(member);
}

bool WrittenMembers::has_repeated() const {
  const Member* const all = members();
  const Member* const end = all + count_;
  if (count_ <= kFew) {
    for (const Member* one = all; one != end; ++one) {
      const auto has_its_key = [one](const Member& other) { return other.key == one->key; };
      if (std::any_of(one + 1, end, has_its_key)) return true;
    }
    return false;
  }
  // Maps are mostly in the order of their keys.
  const auto is_after = [](const Member& one, const Member& next) { return one.key >= next.key; };
  if (std::adjacent_find(all, end, is_after) == end) return false;
  std::unordered_set<std::string_view> keys(2 * count_);
  return !std::all_of(all, end, [&](const Member& one) { return keys.insert(one.key).second; });
}

char* WrittenMembers::keep_last_of_several(char* end) {
  if (!has_repeated()) return end;
  const Member* const all = members();
  std::vector<bool> stays(count_);
  std::unordered_set<std::string_view> later;
  for (std::size_t i = count_; i-- > 0;) stays[i] = later.insert(all[i].key).second;
  // The text before the first member is the caller's; moving changes it where keys may point, which
  // are not read any more.
  char* to = end - (end - all[0].begin);
  for (std::size_t i = 0; i < count_; ++i) {
    const char* const next = i + 1 < count_ ? all[i + 1].begin : end;
    const auto size = static_cast<std::size_t>(next - all[i].begin);
    if (!stays[i]) continue;
    std::memmove(to, all[i].begin, size);
    to += size;
  }
  return to;
}

}  // namespace metlog
