#pragma once

#include <functional>
#include <optional>
#include <string>

namespace metlog {

/// What `${NAME}` finds: the value of a variable, or nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The environment of the process. Not beside a setenv() in another thread.
std::optional<std::string> process_environment(const std::string& name);

}  // namespace metlog
