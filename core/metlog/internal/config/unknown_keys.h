#pragma once

#include <string>
#include <vector>

#include "metlog/value.h"

namespace metlog {

/// The keys at the top of a dictionary that nobody reads, in its order. They are no error.
std::vector<std::string> unknown_keys(const ValueMap& dict);

}  // namespace metlog
