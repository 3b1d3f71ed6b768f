#include "tools/router/input/frame_reader.h"

#include <optional>

#include "tools/router/input/line_count.h"

namespace metlog {
namespace {

FrameDamage damage_of(FrameError error) {
  switch (error) {
    case FrameError::kTruncated:
      return FrameDamage::kTruncated;
    case FrameError::kTrailing:
      return FrameDamage::kTrailing;
    case FrameError::kVersion:
      return FrameDamage::kVersion;
    default:
      return FrameDamage::kChecksum;
  }
}

/// The body without the padding. Blanks stand behind the last line only: a line ends in a newline.
std::string_view without_padding(std::string_view body) {
  return body.substr(0, body.find_last_not_of(' ') + 1);
}

bool has_lines(std::string_view lines, std::uint32_t count) {
  return count > 0 && !lines.empty() && lines.back() == '\n' && count_lines(lines) == count;
}

}  // namespace

FrameReader::FrameReader(std::size_t message_bytes)
    : message_bytes_(message_bytes), padded_(new char[message_bytes + kFramePadding]()) {}

std::string_view FrameReader::open(const Frame& frame) {
  FrameError error{};
  FrameDamage damage = FrameDamage::kTooLong;
  if (frame.sent_bytes == frame.text.size()) {
    if (const std::optional<ReadFrame> read = read_frame(frame.text, error)) {
      const std::string_view lines = without_padding(read->body);
      if (has_lines(lines, read->header.count)) {
        ++counts_.batched;
        counts_.lines += read->header.count;
        sequences_.note(read->header);
        return lines;
      }
      damage = FrameDamage::kLineCount;
    } else {
      damage = damage_of(error);
    }
  }
  ++counts_.damaged[static_cast<std::size_t>(damage)];
  return {};
}

MessageBytes FrameReader::padded(std::string_view line) {
  const std::size_t copied = line.copy(padded_.get(), message_bytes_);
  return {{padded_.get(), copied}, line.size()};
}

}  // namespace metlog
