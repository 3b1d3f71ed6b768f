#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace metlog {

/// What stands before the JSON lines of a batched frame; docs/wire.md has the bytes. A frame is one
/// ZMQ frame or one datagram: this header, `count` lines each ended by a newline, then blanks as
/// padding; all of it behind the header is the body.
struct FrameHeader {
  static constexpr std::size_t kBytes = 48;
  /// The first byte, which no JSON text and no UTF-8 text begins with.
  static constexpr unsigned char kFirstByte = 0x9e;

  std::array<std::uint8_t, 16> session{};
  std::uint32_t lane = 0;        // unique within the session
  std::uint32_t count = 0;       // lines in the body; at least 1
  std::uint64_t sequence = 0;    // of the first line among all that this lane was given, from 0
  std::uint32_t body_bytes = 0;  // lines and padding

  /// Writes kBytes to `out`; the checksum covers the header and the body, which may lie in pieces:
  /// `lines`, then `padding` blanks.
  void write(unsigned char* out, std::string_view lines, std::size_t padding) const;
};

/// What became of reading a frame.
enum class FrameError : std::uint8_t {
  kTruncated,  // shorter than its header, or than the header says
  kTrailing,   // longer than the header says
  kVersion,    // of a version that this reader does not know
  kChecksum,   // damaged on its way
};

struct ReadFrame {
  FrameHeader header;
  std::string_view body;  // lines and padding
};

/// True when these bytes claim to be a batched frame and not a plain message.
inline bool is_batched_frame(std::string_view bytes) {
  return !bytes.empty() && static_cast<unsigned char>(bytes[0]) == FrameHeader::kFirstByte;
}

/// Reads a whole frame; `error` is set when the answer is empty. The lines are not looked at:
/// whether there are `count` of them is for the reader of the body to say.
std::optional<ReadFrame> read_frame(std::string_view bytes, FrameError& error);

}  // namespace metlog
