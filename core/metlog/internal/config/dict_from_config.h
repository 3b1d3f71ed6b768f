#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/internal/config/convert.h"
#include "metlog/value.h"

namespace metlog {

/// How a configuration is read.
struct ConfigReading {
  /// What messages call the text; empty for "<text>", "<stream>" or the file's path.
  std::string name;
  /// What `${NAME}` finds.
  Environment environment = process_environment;
};

// A configuration as a dictionary, from INI text: the options of `section`, converted; "filters", a
// list of [provider, parameters]; "plugins", a map of name to [provider, parameters]; and the keys
// of sender_* and global_* once more in the maps "sender" and "global". docs/configuration.md has
// the grammar. Each value knows its origin().
//
// Errors name file, line, section, key and value: kInvalidArgument for what is written wrongly,
// kNotFound when there is no such section, variable or file.

/// Leading blanks that all lines have in common count for nothing.
absl::StatusOr<ValueMap> dict_from_text_config(std::string_view text, std::string_view section,
                                               const ConfigReading& reading = {});
/// Reads to the stream's end.
absl::StatusOr<ValueMap> dict_from_stream_config(std::istream& stream, std::string_view section,
                                                 const ConfigReading& reading = {});
/// A file of INI, or of JSON: one whose name ends in .json, or that begins with a brace. JSON is
/// the dictionary itself, without sections, conversion or environment; prefixes are nested all the
/// same.
absl::StatusOr<ValueMap> dict_from_file_config(const std::string& path, std::string_view section,
                                               const ConfigReading& reading = {});
/// One JSON object as a dictionary, prefixes nested.
absl::StatusOr<ValueMap> dict_from_json_config(std::string_view text,
                                               const ConfigReading& reading = {});

/// Copies every key `<prefix>_<rest>` into the map under `<prefix>`, as `<rest>`; there it wins
/// over a key that is given in the map itself. The flat keys stay. `<rest>` may be empty. Fails
/// when
/// `<prefix>` is there and no map; then the dictionary is unchanged.
absl::Status nest_prefixes(ValueMap& dict,
                           const std::vector<std::string_view>& prefixes = {"sender", "global"},
                           std::string_view separator = "_");

}  // namespace metlog
