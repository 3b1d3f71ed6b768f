#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace metlog {

/// Why a batched frame was not read. None of its lines is; how many they were nobody can say, but
/// the next frame of its lane shows them as missing.
enum class FrameDamage : std::uint8_t {
  kTooLong,    // longer than the router receives
  kTruncated,  // shorter than its header, or than the header says
  kTrailing,   // longer than the header says
  kVersion,    // of a version that we do not know
  kChecksum,   // damaged on its way
  kLineCount,  // not as many lines as the header says, or something but blanks behind them
};
inline constexpr std::size_t kFrameDamageCount = 6;

/// As it stands in the ledger: "truncated", "checksum", ...
constexpr std::string_view name_of(FrameDamage damage) {
  constexpr std::array<std::string_view, kFrameDamageCount> kNames = {
      "frame_too_long", "truncated", "trailing", "version", "checksum", "line_count"};
  return kNames[static_cast<std::size_t>(damage)];
}

}  // namespace metlog
