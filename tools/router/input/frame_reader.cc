#include "tools/router/input/frame_reader.h"

#include <algorithm>
#include <optional>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

/// The body without its padding: the spaces after the last newline.
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
  last_damage_ = damage;
  ++counts_.damaged[static_cast<std::size_t>(damage)];
  return {};
}

MessageBytes FrameReader::padded(std::string_view line) {
  const std::size_t copied = line.copy(padded_.get(), message_bytes_);
  return {{padded_.get(), copied}, line.size()};
}

namespace {

std::size_t count_bytewise(std::string_view text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

#if defined(__SSE2__)

constexpr std::size_t kStep = sizeof(__m128i);
// The counters are bytes.
constexpr std::size_t kMaxSteps = 255;

std::size_t count_steps(const char* at, std::size_t steps) {
  const __m128i newline = _mm_set1_epi8('\n');
  __m128i counts = _mm_setzero_si128();
  for (; steps > 0; --steps, at += kStep) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    counts = _mm_sub_epi8(counts, _mm_cmpeq_epi8(bytes, newline));
  }
  const __m128i sums = _mm_sad_epu8(counts, _mm_setzero_si128());
  return static_cast<std::size_t>(_mm_cvtsi128_si64(sums) +
                                  _mm_cvtsi128_si64(_mm_unpackhi_epi64(sums, sums)));
}

#endif

}  // namespace

std::size_t count_lines(std::string_view text) {
  std::size_t count = 0;
#if defined(__SSE2__)
  while (text.size() >= kStep) {
    const std::size_t steps = std::min(text.size() / kStep, kMaxSteps);
    count += count_steps(text.data(), steps);
    text.remove_prefix(steps * kStep);
  }
#endif
  return count + count_bytewise(text);
}

}  // namespace metlog
