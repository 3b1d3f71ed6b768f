#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "tools/metlogd/decoded_message.h"

namespace metlog {

/// Beginnings of envelopes that were read before. A sender writes the same type, logger, severity,
/// process and host again and again; a text that begins with the very same bytes as one that was
/// validated has the same things in them. Used by one thread.
class KnownHeads {
 public:
  /// Longer beginnings are not kept.
  static constexpr std::size_t kMaxBytes = 1024;

  struct Head {
    std::string bytes;
    unsigned seen = 0;       // the envelope's keys in it, see bit_of()
    unsigned high_bits = 0;  // not 0: it holds more than ASCII
    DecodedMessage message;  // its texts lie in `bytes`
  };

  /// The head that `text` begins with, or null; what stands in it is then in `message`, with the
  /// texts where `text` has them.
  const Head* find(std::string_view text, DecodedMessage& message);
  /// Remembers the first `bytes` of a text that was found right; `message` is what it holds.
  void add(std::string_view text, std::size_t bytes, unsigned seen, unsigned high_bits,
           const DecodedMessage& message);

 private:
  static constexpr std::size_t kHeads = 8;

  std::array<Head, kHeads> heads_;
  std::size_t last_ = 0;  // found or added
};

}  // namespace metlog
