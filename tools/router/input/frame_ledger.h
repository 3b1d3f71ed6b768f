#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

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

/// What became of the frames, counted where they are opened: frames = plain + batched + damaged.
struct FrameCounts {
  std::uint64_t plain = 0;    // one message each
  std::uint64_t batched = 0;  // whole and undamaged
  std::uint64_t lines = 0;    // messages in the batched frames, as their headers count them
  std::array<std::uint64_t, kFrameDamageCount> damaged{};

  [[nodiscard]] std::uint64_t messages() const { return plain + lines; }
  [[nodiscard]] std::uint64_t damaged_total() const {
    return std::accumulate(damaged.begin(), damaged.end(), std::uint64_t{0});
  }
};

/// What the numbers of batched frames tell. None of it is part of an identity: what is missing
/// was never received, and what came late was counted as missing before.
struct SequenceCounts {
  std::uint64_t lanes = 0;          // seen, forgotten ones that came again counted anew
  std::uint64_t forgotten = 0;      // of these, given up for newer ones
  std::uint64_t missing = 0;        // messages skipped between two frames of a lane
  std::uint64_t late_frames = 0;    // with a number lower than expected: out of order, or twice
  std::uint64_t late_messages = 0;  // in them
};

/// One lane of the sequences: a stream of numbered messages from one process.
struct SequenceLane {
  std::string session;  // 32 hexadecimal digits, as metlog.loss names it
  std::uint32_t lane = 0;
  std::uint64_t messages = 0;
  std::uint64_t missing = 0;
  std::uint64_t late_frames = 0;
};

}  // namespace metlog
