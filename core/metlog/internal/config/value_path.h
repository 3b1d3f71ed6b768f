#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "metlog/value.h"

namespace metlog {

/// The path of a map's member: `sender.port`; a key that is no word stands in brackets,
/// `sender["a b"]`.
std::string member_path(std::string_view map, std::string_view key);
/// The path of a list's item: `filters[0]`.
std::string item_path(std::string_view list, std::size_t index);

/// Gives the values of a dictionary that have no origin one that names their path, for messages.
void name_paths(ValueMap& dict);

}  // namespace metlog
