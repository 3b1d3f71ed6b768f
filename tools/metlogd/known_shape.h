#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tools/metlogd/decoded_message.h"
#include "tools/metlogd/scanned_leaves.h"

namespace metlog {

/// What the messages of one call site have in common: all bytes but the values that change. Once
/// one was found right, another of the same bytes around other values of no depth is right, too,
/// when these are values. Used by one thread.
class KnownShape {
 public:
  /// Longer ones are not kept.
  static constexpr std::size_t kMaxBytes = 1024;

  /// Takes the shape of a text that was found right: `leaves` are the values that change, the
  /// message's time among them; `message` holds what stands between them. False when it is too
  /// long or has too many.
  bool learn(std::string_view text, const ScannedLeaves& leaves, const DecodedMessage& message);

  /// Whether this text is of the shape; then it is an envelope, with what is in it in `message`
  /// and bits set in `high_bits` when it is not all ASCII. kFramePadding bytes behind it can be
  /// read.
  bool read(std::string_view text, DecodedMessage& message, unsigned& high_bits) const;

 private:
  static constexpr std::size_t kMostChunks = ScannedLeaves::kMost + 1;

  /// A text of the envelope, within a chunk.
  struct Place {
    std::uint32_t chunk = 0;
    std::uint32_t offset = 0;
    std::size_t size = 0;
  };

  [[nodiscard]] Place place_of(std::string_view text, const char* begin,
                               const ScannedLeaves& leaves) const;

  std::string bytes_;  // of all chunks on end, and what may be read behind
  std::array<std::uint32_t, kMostChunks> sizes_{};
  std::size_t chunks_ = 0;  // 0: nothing was learnt yet
  std::size_t time_ = 0;    // the leaf that is the timestamp
  unsigned high_bits_ = 0;  // of the chunks
  Place type_;
  Place logger_;
  Place env_version_;
  Place hostname_;
  std::int64_t severity_ = 0;
  std::int64_t pid_ = 0;
};

}  // namespace metlog
