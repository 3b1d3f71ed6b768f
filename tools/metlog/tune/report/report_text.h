#pragma once

#include <cstdint>
#include <string>

#include "tools/metlog/tune/measure/setting.h"

namespace metlog {

/// Returns the setting as C++ to paste: engine, options, URL. Defaults are left out.
std::string chosen_code(const Setting& setting);
/// Returns the setting as a configuration, with the keys of docs/configuration.md, which JSON takes
/// as they are. Defaults are left out, and what only code can say: see only_in_code().
ValueMap chosen_config(const Setting& setting);
/// The same as INI text, with a comment for what only code can say.
std::string chosen_ini(const Setting& setting);
/// What no configuration can say of the setting, as a sentence; empty when it says all.
std::string only_in_code(const Setting& setting);

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
