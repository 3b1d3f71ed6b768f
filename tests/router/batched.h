#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "metlog/internal/codec/frame_header.h"

namespace metlog {

/// The parts of a batched frame that a test may change.
struct BatchedParts {
  std::uint8_t session = 1;  // all its bytes
  std::uint32_t stream = 0;
  std::uint64_t sequence = 0;
  std::size_t padding = 0;
  std::int64_t count_error = 0;  // added to the count of lines
};

/// A frame with this body and the right checksum.
inline std::string batched_body(const std::string& body, std::uint32_t count,
                                const BatchedParts& parts = {}) {
  FrameHeader header;
  header.session.fill(parts.session);
  header.stream = parts.stream;
  header.sequence = parts.sequence;
  header.count = static_cast<std::uint32_t>(count + parts.count_error);
  header.body_bytes = static_cast<std::uint32_t>(body.size() + parts.padding);
  std::string frame(FrameHeader::kBytes, '\0');
  header.write(reinterpret_cast<unsigned char*>(frame.data()), body, parts.padding);
  return frame.append(body).append(parts.padding, ' ');
}

/// A frame of these messages.
inline std::string batched(const std::vector<std::string>& messages,
                           const BatchedParts& parts = {}) {
  std::string body;
  for (const std::string& message : messages) body.append(message).append("\n");
  return batched_body(body, static_cast<std::uint32_t>(messages.size()), parts);
}

}  // namespace metlog
