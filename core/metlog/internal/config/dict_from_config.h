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
  /// The name of the text in messages; empty for "<text>", "<stream>" or the file's path.
  std::string name;
  /// Looks up `${NAME}`.
  Environment environment = process_environment;
};

// A configuration as a dictionary, from INI text: the options of `section`, converted; "filters", a
// list of [provider, parameters]; "plugins", a map of name to [provider, parameters]; and copies of
// the keys sender_*, global_* and engine_* in the maps "sender", "global" and "engine".
// docs/configuration.md has the grammar. Each value has its origin().
//
// Errors name file, line, section, key and value: kInvalidArgument for a syntax error or a wrong
// value, kNotFound when there is no such section, variable or file.

/// Ignores leading whitespace that all lines have in common.
absl::StatusOr<ValueMap> dict_from_text_config(std::string_view text, std::string_view section,
                                               const ConfigReading& reading = {});
/// Reads to the stream's end.
absl::StatusOr<ValueMap> dict_from_stream_config(std::istream& stream, std::string_view section,
                                                 const ConfigReading& reading = {});
/// A file of INI or of JSON: JSON if its name ends in .json or it begins with a brace. JSON is the
/// dictionary itself, without sections, conversion or environment; prefixes are nested, too.
absl::StatusOr<ValueMap> dict_from_file_config(const std::string& path, std::string_view section,
                                               const ConfigReading& reading = {});
/// One JSON object as a dictionary, prefixes nested.
absl::StatusOr<ValueMap> dict_from_json_config(std::string_view text,
                                               const ConfigReading& reading = {});

/// The prefixes that the functions above nest: the reference's, and `engine`.
inline std::vector<std::string_view> nested_prefixes() { return {"sender", "global", "engine"}; }

/// Copies every key `<prefix>_<rest>` into the map under `<prefix>`, as `<rest>`; it replaces a key
/// of that map. The flat keys stay. `<rest>` may be empty. Fails when the value of `<prefix>` is
/// not a map; then the dictionary is unchanged.
absl::Status nest_prefixes(ValueMap& dict,
                           const std::vector<std::string_view>& prefixes = {"sender", "global"},
                           std::string_view separator = "_");

}  // namespace metlog
