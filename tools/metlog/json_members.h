#pragma once

#include <cstddef>
#include <string_view>

namespace metlog {

/// A key with its value, as they stand in the JSON text.
struct JsonMember {
  std::string_view key;    // between the quotes, escapes as they are
  std::string_view value;  // a text with its quotes
};

/// Walks over the members of a JSON object that is known to be valid. Of other text it makes
/// something, and never reads beyond its end. Used by one thread.
class JsonMembers {
 public:
  explicit JsonMembers(std::string_view object) : rest_(object) { skip("{"); }

  /// False when there are no more.
  bool next(JsonMember& member);

 private:
  void skip(std::string_view also);
  std::string_view take(std::size_t size);

  std::string_view rest_;
};

/// The value of a key, by the text of it; empty when there is none.
std::string_view json_member(std::string_view object, std::string_view key);

}  // namespace metlog
