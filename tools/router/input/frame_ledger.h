#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <string>
#include <string_view>
#include <vector>

namespace metlog {

/// Why a batched frame was rejected with all its lines. Their number is unknown, but the next frame
/// of its stream shows them as missing.
enum class FrameDamage : std::uint8_t {
  kTooLong,    // longer than the router receives
  kTruncated,  // shorter than a header, or than its header says
  kTrailing,   // longer than its header says
  kVersion,    // of an unknown version
  kChecksum,   // damaged in transit
  kLineCount,  // not as many lines as its header says, or something other than spaces after them
};
inline constexpr std::size_t kFrameDamageCount = 6;

/// The name in the ledger: "truncated", "checksum", ...
constexpr std::string_view name_of(FrameDamage damage) {
  constexpr std::array<std::string_view, kFrameDamageCount> kNames = {
      "frame_too_long", "truncated", "trailing", "version", "checksum", "line_count"};
  return kNames[static_cast<std::size_t>(damage)];
}

/// What became of the frames, counted by FrameReader: frames = plain + batched + damaged.
struct FrameCounts {
  std::uint64_t plain = 0;    // one message each
  std::uint64_t batched = 0;  // whole and undamaged
  std::uint64_t lines = 0;    // messages in the batched frames
  std::array<std::uint64_t, kFrameDamageCount> damaged{};

  [[nodiscard]] std::uint64_t messages() const { return plain + lines; }
  [[nodiscard]] std::uint64_t damaged_total() const {
    return std::accumulate(damaged.begin(), damaged.end(), std::uint64_t{0});
  }
};

/// What the sequence numbers of batched frames show. It is not part of the account's identity:
/// missing messages were never received, and late ones were counted as missing before.
struct SequenceCounts {
  std::uint64_t streams = 0;    // seen; one that came again after it was forgotten counts twice
  std::uint64_t forgotten = 0;  // of these, dropped to make room for newer ones
  std::uint64_t missing = 0;    // messages whose numbers were skipped
  std::uint64_t missing_at_start = 0;  // of these, before the first frame of a stream: sent before
                                       // this router received anything from it, or lost
  std::uint64_t unknown_at_start = 0;  // the same once streams were forgotten: they may have been
                                       // received then, and are not part of `missing`
  std::uint64_t late_frames = 0;    // with a number lower than expected: out of order, or repeated
  std::uint64_t late_messages = 0;  // in them
};

/// One stream of numbered messages from one process.
struct SequenceStream {
  std::string session;       // 32 hexadecimal digits, as metlog.loss names it
  std::uint32_t number = 0;  // unique within the session
  std::uint64_t messages = 0;
  std::uint64_t missing = 0;
  std::uint64_t missing_at_start = 0;
  std::uint64_t late_frames = 0;
};

}  // namespace metlog
