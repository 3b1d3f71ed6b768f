#pragma once

#include <string>

#include "metlog/value.h"

namespace metlog {

/// A line for each value of a configuration: its path, the value as JSON, and where it comes from.
/// Keys like sender_port are told where they lie nested, as sender.port. Keys that nobody reads are
/// said to be such.
std::string explanation(const ValueMap& dict);

}  // namespace metlog
