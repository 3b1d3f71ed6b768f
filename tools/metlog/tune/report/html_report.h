#pragma once

#include <string>

#include "tools/metlog/tune/search/confirmation.h"

namespace metlog {

/// Returns the report as one HTML page that loads nothing: the JSON of to_json(), and the script
/// that draws it.
std::string to_html(const TuneResult& result);

}  // namespace metlog
