#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "tools/router/config/config_errors.h"
#include "tools/router/config/config_value.h"

namespace metlog {

/// Looks up %ENV[NAME]: the value of a variable, or nothing when it is not set.
using ConfigEnvironment = std::function<std::optional<std::string>(const std::string& name)>;

/// Reads TOML into a table; a text may name variables of the environment as %ENV[NAME]. The table
/// has what could be read although there are errors; a text that is not TOML is empty. `source`
/// stays in use by the places of the table.
ConfigValue parse_toml(std::shared_ptr<const ConfigSource> source,
                       const ConfigEnvironment& environment, ConfigErrors& errors);

/// Reads a file, or of a directory all files *.toml in the order of their names, merged: a table
/// may have keys in several files, and no key is set twice. Reads the process's environment.
ConfigValue read_toml(const std::string& path, ConfigErrors& errors);

}  // namespace metlog
