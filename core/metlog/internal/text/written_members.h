#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace metlog {

/// The members of one JSON object, or the fields of one line, while they are written one after the
/// other; each with the same separator. Of those with one key only the last stays. Keys are
/// compared as they are written, so also those that differ before they become text.
class WrittenMembers {
 public:
  WrittenMembers() {}  // not defaulted: that would zero the array

  /// Notes a member: where it begins, and its key.
  void add(const char* begin, const char* key, const char* key_end) {
    const Member member{begin, {key, static_cast<std::size_t>(key_end - key)}};
    if (count_ < kFew) {
      few_[count_] = member;
    } else {
      add_to_many(member);
    }
    ++count_;
  }

  /// Removes the members whose key a later one has from the text, which ends at `end`; returns its
  /// new end. Called once.
  char* keep_last(char* end) { return count_ < 2 ? end : keep_last_of_several(end); }

 private:
  struct Member {
    const char* begin;
    std::string_view key;
  };

  void add_to_many(const Member& member);
  char* keep_last_of_several(char* end);
  [[nodiscard]] const Member* members() const { return count_ > kFew ? many_.data() : few_; }
  [[nodiscard]] bool has_repeated() const;

  static constexpr std::size_t kFew = 12;
  std::size_t count_ = 0;
  Member few_[kFew];
  std::vector<Member> many_;  // all, once there are more than kFew
};

}  // namespace metlog
