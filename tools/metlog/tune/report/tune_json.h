#pragma once

#include <string>

#include "tools/metlog/tune/search/tune_result.h"

namespace metlog {

/// Everything for a machine: one JSON object on one line, a newline behind it.
std::string to_json(const TuneResult& result);
std::string to_json(const Row& row);

}  // namespace metlog
