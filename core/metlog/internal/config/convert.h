#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/value.h"

namespace metlog {

/// What `${NAME}` finds: the value of a variable, or nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// The environment of the process. Not beside a setenv() in another thread.
std::optional<std::string> process_environment(const std::string& name);

/// What an option's text means. Several lines are a list of what each means, blank ones left out.
/// One line, trimmed, is
///   an integer        -? and digits; beyond 64 bits Digits
///   true              true t on yes, in any case
///   false             false f off no
///   a variable        ${NAME}, and whatever follows: the variable's value, always as text
///   text              all else
/// `variables` gets the names of those that were read. kNotFound: such a variable is not set.
absl::StatusOr<Value> convert(std::string_view text, const Environment& environment,
                              std::vector<std::string>* variables = nullptr);

}  // namespace metlog
