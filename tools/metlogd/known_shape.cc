#include "tools/metlogd/known_shape.h"

#include <algorithm>
#include <cstring>

#include "tools/metlogd/value_scan.h"

namespace metlog {
namespace {

constexpr std::size_t kWord = sizeof(std::uint64_t);

std::uint64_t word_at(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// Reads up to a word behind both. In little endian, as leading_digits() is.
bool are_same(const char* a, const char* b, std::size_t size) {
  for (; size >= kWord; size -= kWord, a += kWord, b += kWord) {
    if (word_at(a) != word_at(b)) return false;
  }
  return size == 0 || (word_at(a) ^ word_at(b)) << 8 * (kWord - size) == 0;
}

unsigned high_bits_of(std::string_view bytes) {
  return std::any_of(bytes.begin(), bytes.end(), [](char c) { return c < 0; }) ? 0x80 : 0;
}

}  // namespace

bool KnownShape::learn(std::string_view text, const ScannedLeaves& leaves,
                       const DecodedMessage& message) {
  chunks_ = 0;
  if (!leaves.are_all() || text.size() > kMaxBytes) return false;
  bytes_.clear();
  const char* begin = text.data();
  for (std::size_t i = 0; i <= leaves.size(); ++i) {
    const char* const end = i < leaves.size() ? leaves[i].begin : text.data() + text.size();
    sizes_[i] = static_cast<std::uint32_t>(end - begin);
    bytes_.append(begin, end);
    if (i == leaves.size()) break;
    if (leaves[i].begin + 1 == message.timestamp.data()) time_ = i;
    begin = leaves[i].end;
  }
  high_bits_ = high_bits_of(bytes_);
  bytes_.append(kWord, '\0');
  type_ = place_of(message.type, text.data(), leaves);
  logger_ = place_of(message.logger, text.data(), leaves);
  env_version_ = place_of(message.env_version, text.data(), leaves);
  hostname_ = place_of(message.hostname, text.data(), leaves);
  severity_ = message.severity;
  pid_ = message.pid;
  chunks_ = leaves.size() + 1;
  return true;
}

KnownShape::Place KnownShape::place_of(std::string_view text, const char* begin,
                                       const ScannedLeaves& leaves) const {
  Place place{0, 0, text.size()};
  for (; place.chunk < leaves.size() && leaves[place.chunk].begin < text.data(); ++place.chunk) {
    begin = leaves[place.chunk].end;
  }
  place.offset = static_cast<std::uint32_t>(text.data() - begin);
  return place;
}

bool KnownShape::read(std::string_view text, DecodedMessage& message, unsigned& high_bits) const {
  if (chunks_ == 0) return false;
  std::array<const char*, kMostChunks> begins;
  ValueScan scan{text.data() + text.size(), 0};
  const char* at = text.data();
  const char* known = bytes_.data();
  for (std::size_t i = 0; i < chunks_; ++i) {
    const std::size_t size = sizes_[i];
    if (at >= scan.end || size > static_cast<std::size_t>(scan.end - at) ||
        !are_same(at, known, size)) {
      return false;
    }
    begins[i] = at;
    at += size;
    known += size;
    if (i + 1 == chunks_) break;
    at = i == time_ ? scan_plain_text(at, scan, message.timestamp) : scan_leaf(at, scan);
    if (at == nullptr) return false;
  }
  if (at != scan.end) return false;
  const auto text_at = [&begins](const Place& place) {
    return std::string_view(begins[place.chunk] + place.offset, place.size);
  };
  message.type = text_at(type_);
  message.logger = text_at(logger_);
  message.env_version = text_at(env_version_);
  message.hostname = text_at(hostname_);
  message.severity = severity_;
  message.pid = pid_;
  high_bits = high_bits_ | scan.high_bits;
  return true;
}

}  // namespace metlog
