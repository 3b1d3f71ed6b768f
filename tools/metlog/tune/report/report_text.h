#pragma once

#include <string>

#include "tools/metlog/tune/measure/setting.h"

namespace metlog {

/// The setting as C++ to paste: engine, options, URL. What is the default is left out.
std::string chosen_code(const Setting& setting);
/// The setting in one line: "tcp, sleep 100 us, batch 64 KiB, ring 256 KiB, 1 connection".
std::string describe(const Setting& setting);

}  // namespace metlog
