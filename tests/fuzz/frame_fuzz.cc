#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "metlog/internal/codec/frame_header.h"
#include "tools/router/input/frame_reader.h"

namespace metlog {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// Reads a frame that ends where its block ends, and touches every message with its padding.
void read(std::string_view bytes) {
  FrameReader reader(512);
  const std::size_t padding = is_batched_frame(bytes) ? 0 : kFramePadding;
  const std::unique_ptr<char[]> block(new char[bytes.size() + padding]());
  bytes.copy(block.get(), bytes.size());
  std::uint64_t messages = 0;
  unsigned sum = 0;
  reader.read({{block.get(), bytes.size()}, bytes.size()}, [&](const MessageBytes& message) {
    ++messages;
    require(message.text.size() <= message.sent_bytes);
    for (std::size_t i = 0; i < message.text.size() + kFramePadding; ++i) {
      sum += static_cast<unsigned char>(message.text.data()[i]);
    }
  });
  volatile const unsigned kept = sum;
  static_cast<void>(kept);
  const FrameCounts& counts = reader.counts();
  require(counts.messages() == messages);
  require(counts.plain + counts.batched + counts.damaged_total() == 1);
}

/// The bytes as the header's fields and a body, with a checksum that is right.
void read_signed(std::string_view bytes) {
  FrameHeader header;
  constexpr std::size_t kFields = 16;
  if (bytes.size() < kFields) return;
  std::memcpy(&header.stream, bytes.data(), 4);
  std::memcpy(&header.count, bytes.data() + 4, 4);
  std::memcpy(&header.sequence, bytes.data() + 8, 8);
  const std::string_view body = bytes.substr(kFields);
  header.body_bytes = static_cast<std::uint32_t>(body.size());
  std::string frame(FrameHeader::kBytes, '\0');
  header.write(reinterpret_cast<unsigned char*>(frame.data()), body, 0);
  read(frame.append(body));
}

}  // namespace
}  // namespace metlog

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  metlog::read(text);
  metlog::read_signed(text);
  return 0;
}
