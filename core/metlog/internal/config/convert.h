#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/value.h"

namespace metlog {

/// Looks up `${NAME}`: the value of a variable, or nothing when it is not set.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

/// Reads the environment of the process. Must not run while another thread calls setenv().
std::optional<std::string> process_environment(const std::string& name);

/// Converts an option's text. Several lines make a list of their values, without empty ones. One
/// line, trimmed, is
///   an integer        -? and digits; beyond 64 bits Digits
///   true              true t on yes, in any case
///   false             false f off no
///   a variable        ${NAME}, and anything after it: the variable's value, always a string
///   a string          anything else
/// Appends the names of the variables that were read to `variables`. kNotFound when a variable is
/// not set.
absl::StatusOr<Value> convert(std::string_view text, const Environment& environment,
                              std::vector<std::string>* variables = nullptr);

}  // namespace metlog
