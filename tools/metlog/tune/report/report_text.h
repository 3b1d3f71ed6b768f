#pragma once

#include <cstdint>
#include <string>

#include "tools/metlog/tune/measure/setting.h"

namespace metlog {

/// Returns the setting as C++ to paste: engine, options, URL. Defaults are left out.
std::string chosen_code(const Setting& setting);
/// Returns the setting in one line: "tcp, flusher sleeps 100 us, batch 64 KiB, ring 256 KiB, 1
/// connection".
std::string describe(const Setting& setting);

/// Three digits and a unit: 950 ns, 1.23 us, 45.6 ms.
std::string time_text(double ns);
/// 4.12 M, 980 k, 12.
std::string count_text(double count);
/// 12.3 MB.
std::string memory_text(std::uint64_t bytes);

}  // namespace metlog
