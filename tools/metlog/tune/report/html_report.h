#pragma once

#include <string>

#include "tools/metlog/tune/search/confirmation.h"

namespace metlog {

/// Returns the report as one HTML page that loads nothing: style and plots are in it.
std::string to_html(const TuneResult& result);

}  // namespace metlog
