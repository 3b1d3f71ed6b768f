#pragma once

#include <cstdint>
#include <random>
#include <string>

#include "metlog/value.h"

namespace metlog {

/// Random configurations; the same seed gives the same ones.
class RandomConfig {
 public:
  explicit RandomConfig(std::uint64_t seed) : random_(seed) {}

  /// Text from pieces of INI files, well-formed or not.
  std::string ini_soup();
  /// Keys with values that an option can say: integers, truths, texts, lists of these.
  ValueMap expressible_dict();
  /// The dictionary as a section [metlog], with comments, blanks and duplicates strewn in.
  std::string ini_of(const ValueMap& dict);
  /// Anything that JSON can say.
  Value json_value(int depth = 0);

 private:
  bool chance(int percent) { return below(100) < percent; }
  int below(int bound) { return static_cast<int>(random_() % static_cast<unsigned>(bound)); }
  template <class List>
  std::string_view one_of(const List& list) {
    return list[static_cast<std::size_t>(below(static_cast<int>(list.size())))];
  }
  std::string fragments(int most);
  std::string soup_line();
  std::string noise();
  Value integer();
  Value scalar();
  Value plain_text();
  std::string written(const Value& scalar);
  std::string option_text(const std::string& key, const Value& value);

  std::mt19937_64 random_;
};

}  // namespace metlog
