#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "tools/router/decode/decoded_message.h"

namespace metlog {

/// Runs of envelopes' pairs that were read before. A sender writes the same type, logger, severity,
/// process and host again and again; where the very same bytes stand at a key's place that were
/// validated at one, the same things are in them. Used by one thread.
class KnownPairs {
 public:
  /// Longer runs are not kept.
  static constexpr std::size_t kMaxBytes = 1024;

  KnownPairs() {
    for (Run& run : runs_) run.bytes.reserve(kMaxBytes);
  }
  KnownPairs(const KnownPairs&) = delete;  // runs refer to their own bytes
  KnownPairs& operator=(const KnownPairs&) = delete;

  struct Run {
    std::string bytes;       // from the first key's place to before the comma or brace behind
    unsigned seen = 0;       // the envelope's keys in it, see bit_of()
    unsigned high_bits = 0;  // not 0: it holds more than ASCII
    DecodedMessage message;  // its texts lie in `bytes`
  };

  /// The run that `text` begins with, a key's place behind the keys `before`; null when none is
  /// known. What stands in it is then in `message`, with the texts where `text` has them. Reads a
  /// byte behind `text`.
  const Run* find(std::string_view text, unsigned before, DecodedMessage& message);
  /// Remembers a run that was found right, of the keys `seen`; `message` holds what is in it.
  void add(std::string_view bytes, unsigned before, unsigned seen, unsigned high_bits,
           const DecodedMessage& message);

 private:
  static constexpr std::size_t kRuns = 16;
  static constexpr unsigned kNothing = ~0U;

  static constexpr std::array<unsigned, kRuns> nowhere() {
    std::array<unsigned, kRuns> before{};
    before.fill(kNothing);
    return before;
  }

  std::array<unsigned, kRuns> before_ = nowhere();  // keys before each run; most looks end here
  std::array<Run, kRuns> runs_;
  std::size_t last_ = 0;  // found or added
};

}  // namespace metlog
