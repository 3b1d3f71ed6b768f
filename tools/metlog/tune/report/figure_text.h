#pragma once

#include <cstdint>
#include <string>

namespace metlog {

/// Three digits and a unit: 950 ns, 1.23 us, 45.6 ms.
std::string time_text(double ns);
/// 4.12 M, 980 k, 12.
std::string count_text(double count);
/// 12.3 MB.
std::string memory_text(std::uint64_t bytes);

}  // namespace metlog
