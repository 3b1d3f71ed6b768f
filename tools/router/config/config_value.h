#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace metlog {

/// A text that settings were read from.
struct ConfigSource {
  std::string name;      // of the file, or the option of the command line: --out
  std::string text;      // of a file
  std::uint32_t number;  // in the order of reading
};

/// Where a key or a value was written. Lines and columns count from 1, columns in characters; both
/// are 0 for an option of the command line.
struct ConfigPlace {
  std::shared_ptr<const ConfigSource> source;  // null for what was written nowhere
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// "metlogd.toml:12:8", or "--out" for an option; empty for what was written nowhere.
std::string place_text(const ConfigPlace& place);

struct ConfigMember;

/// A value of a configuration with its place: of a TOML file, or made from an option.
struct ConfigValue {
  enum class Kind : std::uint8_t { kText, kInteger, kNumber, kFlag, kDate, kList, kTable };

  /// Values that no file has.
  static ConfigValue of_text(std::string text, ConfigPlace place);
  static ConfigValue of_integer(std::int64_t integer, ConfigPlace place);
  static ConfigValue of_flag(bool flag, ConfigPlace place);
  static ConfigValue table(ConfigPlace place);

  Kind kind = Kind::kTable;
  ConfigPlace place;
  std::string text;  // of kText, variables replaced
  std::string
      written;  // the value for messages: a text in quotes, as it was before the replacement
  std::int64_t integer = 0;
  double number = 0;  // of kInteger, too
  bool flag = false;
  std::vector<ConfigValue> items;     // of kList
  std::vector<ConfigMember> members;  // of kTable, in the order of their places

  [[nodiscard]] const ConfigValue* find(std::string_view key) const;
  [[nodiscard]] ConfigValue* find(std::string_view key);
  /// Adds a member, which must not be there yet, at the end.
  ConfigValue& add(std::string key, ConfigValue value);
};

struct ConfigMember {
  std::string key;
  ConfigPlace key_place;
  ConfigValue value;
};

/// The value as one text that is equal for equal values, wherever they were written and in
/// whatever order.
std::string identity_of(const ConfigValue& value);

/// The place of character `offset` (in bytes) of a text in its file: a string of TOML has quotes,
/// escapes and lines of its own. The value's own place where that is not known: for an option, and
/// for a text in which a variable was replaced.
ConfigPlace place_in_text(const ConfigValue& value, std::size_t offset);

}  // namespace metlog
