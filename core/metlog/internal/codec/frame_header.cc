#include "metlog/internal/codec/frame_header.h"

#include <cstring>

#include "metlog/internal/base/crc32c.h"

namespace metlog {
namespace {

constexpr std::array<unsigned char, 4> kMagic = {FrameHeader::kFirstByte, 'm', 'l', 'b'};
constexpr unsigned char kVersion = 1;

// The offsets of the fields in bytes. Numbers are little endian, like the supported processors.
constexpr std::size_t kVersionAt = 4;
constexpr std::size_t kHeaderBytesAt = 5;
constexpr std::size_t kSessionAt = 8;
constexpr std::size_t kStreamAt = 24;
constexpr std::size_t kCountAt = 28;
constexpr std::size_t kSequenceAt = 32;
constexpr std::size_t kBodyBytesAt = 40;
constexpr std::size_t kChecksumAt = 44;

template <class T>
void put(unsigned char* out, std::size_t at, const T& value) {
  std::memcpy(out + at, &value, sizeof value);
}

template <class T>
T get(const unsigned char* bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes + at, sizeof value);
  return value;
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::uint32_t checksum_of_padding(std::uint32_t state, std::size_t bytes) {
  constexpr std::array<unsigned char, 64> kSpaces = [] {
    std::array<unsigned char, 64> spaces{};
    spaces.fill(' ');
    return spaces;
  }();
  while (bytes > 0) {
    const std::size_t some = bytes < kSpaces.size() ? bytes : kSpaces.size();
    state = crc32c_continue(state, kSpaces.data(), some);
    bytes -= some;
  }
  return state;
}

}  // namespace

void FrameHeader::write(unsigned char* out, std::string_view lines, std::size_t padding) const {
  std::memset(out, 0, kBytes);
  std::memcpy(out, kMagic.data(), kMagic.size());
  out[kVersionAt] = kVersion;
  out[kHeaderBytesAt] = kBytes;
  put(out, kSessionAt, session);
  put(out, kStreamAt, stream);
  put(out, kCountAt, count);
  put(out, kSequenceAt, sequence);
  put(out, kBodyBytesAt, body_bytes);
  std::uint32_t state = crc32c_continue(kCrc32cStart, out, kChecksumAt);
  state = crc32c_continue(state, bytes_of(lines), lines.size());
  put(out, kChecksumAt, crc32c_end(checksum_of_padding(state, padding)));
}

std::optional<ReadFrame> read_frame(std::string_view bytes, FrameError& error) {
  const unsigned char* const at = bytes_of(bytes);
  error = FrameError::kTruncated;
  if (bytes.size() < FrameHeader::kBytes) return std::nullopt;
  if (std::memcmp(at, kMagic.data(), kMagic.size()) != 0 || at[kVersionAt] != kVersion ||
      at[kHeaderBytesAt] != FrameHeader::kBytes) {
    error = FrameError::kVersion;
    return std::nullopt;
  }
  ReadFrame frame;
  frame.header.session = get<std::array<std::uint8_t, 16>>(at, kSessionAt);
  frame.header.stream = get<std::uint32_t>(at, kStreamAt);
  frame.header.count = get<std::uint32_t>(at, kCountAt);
  frame.header.sequence = get<std::uint64_t>(at, kSequenceAt);
  frame.header.body_bytes = get<std::uint32_t>(at, kBodyBytesAt);
  frame.body = bytes.substr(FrameHeader::kBytes);
  if (frame.body.size() < frame.header.body_bytes) return std::nullopt;
  error = FrameError::kTrailing;
  if (frame.body.size() > frame.header.body_bytes) return std::nullopt;
  error = FrameError::kChecksum;
  std::uint32_t state = crc32c_continue(kCrc32cStart, at, kChecksumAt);
  state = crc32c_continue(state, bytes_of(frame.body), frame.body.size());
  if (crc32c_end(state) != get<std::uint32_t>(at, kChecksumAt)) return std::nullopt;
  return frame;
}

}  // namespace metlog
