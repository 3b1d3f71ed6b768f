#pragma once

#include <string>

#include "tools/metlog/tune/search/confirmation.h"

namespace metlog {

/// Everything for a program: one JSON object on one line that ends in a newline. Figures that mean
/// nothing, such as the rate of a phase that lost messages, are null.
std::string to_json(const TuneResult& result);

}  // namespace metlog
