#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace metlog {

/// The header of a batched frame; docs/wire.md has the bytes. A frame is one ZMQ frame or one
/// datagram: this header and the body, which is `count` lines, each ended by a newline, and spaces
/// as padding.
struct FrameHeader {
  static constexpr std::size_t kBytes = 48;
  /// The first byte. Neither JSON nor any other UTF-8 begins with it.
  static constexpr unsigned char kFirstByte = 0x9e;
  /// What a reader of batched frames subscribes to over ZMQ beside what it wants: the first bytes
  /// of such a frame, with the version.
  static constexpr std::string_view kTopic = "\x9emlb\x01";

  std::array<std::uint8_t, 16> session{};
  std::uint32_t stream = 0;      // messages in order; unique within the session
  std::uint32_t count = 0;       // lines in the body; at least 1
  std::uint64_t sequence = 0;    // of the first line among all messages of the stream, from 0
  std::uint32_t body_bytes = 0;  // lines and padding

  /// Writes kBytes to `out`. The checksum covers the header and the body, which is `lines` and then
  /// `padding` spaces.
  void write(unsigned char* out, std::string_view lines, std::size_t padding) const;
};

/// Why a frame could not be read.
enum class FrameError : std::uint8_t {
  kTruncated,  // it is shorter than a header, or than the header says
  kTrailing,   // it is longer than the header says
  kVersion,    // this reader does not know its version
  kChecksum,   // it was damaged on its way
};

struct ReadFrame {
  FrameHeader header;
  std::string_view body;  // lines and padding
};

/// True when these bytes claim to be a batched frame and not a plain message.
inline bool is_batched_frame(std::string_view bytes) {
  return !bytes.empty() && static_cast<unsigned char>(bytes[0]) == FrameHeader::kFirstByte;
}

/// Reads a whole frame. Sets `error` when the result is empty. Does not read the lines: the reader
/// of the body checks that there are `count` of them.
std::optional<ReadFrame> read_frame(std::string_view bytes, FrameError& error);

}  // namespace metlog
