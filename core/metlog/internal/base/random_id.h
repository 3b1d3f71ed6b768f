#pragma once

#include <array>
#include <cstdint>

namespace metlog {

/// 128 bits that no other caller on any machine is given; of the clock when the system has no
/// random bytes ready.
std::array<std::uint8_t, 16> random_id();

}  // namespace metlog
