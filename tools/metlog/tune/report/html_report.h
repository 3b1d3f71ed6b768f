#pragma once

#include <string>

#include "tools/metlog/tune/search/tune_result.h"

namespace metlog {

/// Everything as one page that needs nothing beside it: style and plots stand in it.
std::string to_html(const TuneResult& result);

}  // namespace metlog
