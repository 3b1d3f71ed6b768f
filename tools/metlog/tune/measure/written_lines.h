#pragma once

#include <optional>
#include <string>

#include "tools/metlog/tune/measure/receiver.h"

namespace metlog {

/// Counts the user's messages in a file of JSON lines; empty when it is no regular file, which
/// cannot be read back.
std::optional<Arrival> count_written_lines(const std::string& path);

}  // namespace metlog
