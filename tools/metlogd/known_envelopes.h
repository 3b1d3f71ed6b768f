#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "tools/metlogd/known_pairs.h"
#include "tools/metlogd/known_shape.h"

namespace metlog {

/// What is remembered of the envelopes that were found right: the shapes of the latest, and runs of
/// pairs for those of other shapes. Used by one thread.
class KnownEnvelopes {
 public:
  /// Whether the text is of a known shape; see KnownShape::read().
  bool read(std::string_view text, DecodedMessage& message, unsigned& high_bits) {
    for (std::size_t i = 0; i < kShapes; ++i) {
      const std::size_t index = (last_ + i) % kShapes;
      if (!shapes_[index].read(text, message, high_bits)) continue;
      last_ = index;
      reads_since_ = 0;
      return true;
    }
    return false;
  }

  /// Remembers the shape of a text that was found right. Where shapes hardly ever come again only
  /// some are looked at.
  void learn(std::string_view text, const ScannedLeaves& leaves, const DecodedMessage& message) {
    if (++reads_since_ > kPatience && reads_since_ % kPatience != 0) return;
    last_ = (last_ + kShapes - 1) % kShapes;
    shapes_[last_].learn(text, leaves, message);
  }

  KnownPairs& pairs() { return pairs_; }

 private:
  static constexpr std::size_t kShapes = 8;
  static constexpr unsigned kPatience = 32;

  std::array<KnownShape, kShapes> shapes_;
  std::size_t last_ = 0;      // found or learnt
  unsigned reads_since_ = 0;  // that had to be learnt, since one was known
  KnownPairs pairs_;
};

}  // namespace metlog
