#pragma once

#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <string>

namespace metlog {

/// Returns 128 random bits, unique across machines; made of the clock when the system has no random
/// bytes.
inline std::array<std::uint8_t, 16> random_id() {
  std::array<std::uint8_t, 16> id{};
  if (getrandom(id.data(), id.size(), 0) != static_cast<ssize_t>(id.size())) {
    timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    std::memcpy(id.data(), &now, sizeof now);
  }
  return id;
}

/// Returns an id as 32 hexadecimal digits.
inline std::string id_text(const std::array<std::uint8_t, 16>& id) {
  std::string text;
  for (const std::uint8_t byte : id) {
    text += "0123456789abcdef"[byte >> 4];
    text += "0123456789abcdef"[byte & 15];
  }
  return text;
}

}  // namespace metlog
