#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/router/decode/decoded_message.h"
#include "tools/router/decode/value_scan.h"

namespace metlog {

/// The shapes of texts that were found right: all their bytes but the values that change. Another
/// text with the same bytes around other values, which hold no further ones, is as right when these
/// are values. Kept as a tree of the runs between the values, so that what call sites have in
/// common is compared once, and each value is read once, however many shapes there are. Allocates
/// when it is made only. Used by one thread.
class EnvelopeTrie {
 public:
  /// Shapes with more bytes are not kept.
  static constexpr std::size_t kMaxBytes = 1024;

  EnvelopeTrie();
  EnvelopeTrie(const EnvelopeTrie&) = delete;
  EnvelopeTrie& operator=(const EnvelopeTrie&) = delete;

  /// Whether the text is of a known shape. Then it is an envelope if it is UTF-8, with what is in
  /// it in `message`, and bits are set in `high_bits` when that has to be seen. kFramePadding bytes
  /// behind it can be read.
  bool read(std::string_view text, DecodedMessage& message, unsigned& high_bits);

  /// Remembers the shape of a text that was found right: `leaves` are the values in it that may
  /// change, its time among them; `message` has the others.
  void learn(std::string_view text, const ScalarSpans& leaves, const DecodedMessage& message);

 private:
  using Index = std::uint16_t;
  static constexpr Index kNone = 0;  // the root is nobody's child
  static constexpr std::size_t kMaxRuns = ScalarSpans::kMax + 1;

  /// A run of bytes, and what stands behind the value behind it.
  struct Node {
    std::uint32_t at = 0;  // in bytes_
    std::uint32_t size = 0;
    Index first_child = kNone;
    Index next_sibling = kNone;
    Index end = kNone;  // of a text that this run ends
    bool is_before_time = false;
  };
  /// A text of the envelope: in which run, and where.
  struct Place {
    std::uint32_t run = 0;
    std::uint32_t offset = 0;
    std::size_t size = 0;
  };
  /// What a text holds whose last run was found.
  struct End {
    Place type;
    Place logger;
    Place env_version;
    Place hostname;
    std::int64_t severity = 0;
    std::int64_t pid = 0;
  };

  void forget_all();
  template <class IsIt>
  Index find_child(Index parent, const IsIt& is_it);
  Index child_at(Index parent, const char* at, const char* end);
  Index child_of(Index parent, std::string_view run, bool is_before_time);
  static End end_of(std::string_view text, const ScalarSpans& leaves,
                    const DecodedMessage& message);

  std::vector<Node> nodes_;  // the first is the root
  std::vector<End> ends_;    // the first is none
  std::vector<char> bytes_;
  std::size_t bytes_used_ = 0;
  unsigned misses_ = 0;  // right texts of no known shape, since one was known
};

/// Runs of envelopes' pairs that were read before. A sender writes the same type, logger, severity,
/// process and host again and again; where the very same bytes stand at a key's place that were
/// validated at one, the same things are in them. Used by one thread.
class MemberRunCache {
 public:
  /// Longer runs are not kept.
  static constexpr std::size_t kMaxBytes = 1024;

  MemberRunCache() {
    for (Run& run : runs_) run.bytes.reserve(kMaxBytes);
  }
  MemberRunCache(const MemberRunCache&) = delete;  // runs refer to their own bytes
  MemberRunCache& operator=(const MemberRunCache&) = delete;

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

/// What is remembered of the envelopes that were found right. Used by one thread.
struct EnvelopeCache {
  EnvelopeTrie shapes;
  MemberRunCache pairs;  // for texts of no known shape
};

}  // namespace metlog
