#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/router/decode/decoded_message.h"
#include "tools/router/decode/value_scan.h"

namespace metlog {

// The envelopes seen before.
//
// A sender writes the same few envelopes again and again: the messages of one call site differ in
// their time stamp, their payload and the values of their fields, and in nothing else. All other
// bytes, some two thirds of a message, need not be parsed a second time: comparing them with a
// message that was validated once shows the same. What is left to read are the scalars, and one
// pass validates a scalar (a string, a number, true, false, null).
//
// EnvelopeTrie holds such messages as runs of constant bytes, with a gap for each scalar. Call
// sites share their first runs:
//
//   {"type":"log","logger":"shop",...,"timestamp":  <string>  ,"payload":  <scalar>
//     |-- ,"fields":{"user":  <scalar>  ,"amount":  <scalar>  }}     -> Shape of call site A
//     `-- ,"fields":{}}                                              -> Shape of call site B
//
// A message is matched from the root: compare the runs of the node's children, read one scalar,
// continue with the child that matched. At the end of the message the node's Shape says where type,
// logger and hostname are, and what severity and pid are; only the time stamp is in a gap. The cost
// of a message depends on the siblings compared, at most 16 at each node, and not on the number of
// call sites.
//
// MemberRunCache serves what the trie does not know, such as senders that put payload or fields of
// changing structure between the constant members: it holds runs of whole members that were read
// before, and EnvelopeScan skips those that recur.
//
// Both only ever confirm: a message that does not match is scanned (scan_envelope()), and one that
// the scan does not understand is parsed by simdjson, which alone rejects. UTF-8 is validated for
// each message that is not ASCII.
//
// What it buys, in million messages of 250 bytes a second: median (range) of 7 interleaved rounds
// of
//   router_bench --benchmark_filter='decoder_|_to_null' --benchmark_min_time=0.3
// on two cores that were not idle; simdjson alone is what "parsed" messages measure:
//
//   decoder, one call site       decoder_of_own             11.5  (7.2-12.4)
//   decoder, 40 call sites       decoder_of_many_sites       8.1  (6.6-8.8)
//   decoder, simdjson alone      decoder_of_parsed           4.2  (2.7-4.6)
//   decoder, no message recurs   decoder_of_new_shapes       3.0  (2.0-3.0)
//   router, batched frames       batched_to_null             6.6  (4.8-7.9)
//   router, simdjson alone       batched_parsed_to_null      3.3  (2.3-3.5)
//
// End to end over sockets, 7 interleaved rounds of router_socket_bench on a busy machine, against
// the scan alone: plain frames 0.83 and 0.59 M/s, batched 1.66 and 1.12; routing thread 0.22 and
// 0.41 us a message (plain). From frames in memory it is 1.6 to 2.1 times the scan alone; without
// the trie, with MemberRunCache alone, 0.65 to 0.8 of both together. Messages of shapes that never
// recur are decoded at 0.7 times the rate of simdjson alone.

/// Shapes of valid messages: all their bytes but the scalars that change. A message with the same
/// bytes around other scalars is valid, too. Allocates only in its constructor and when it is full.
/// Used by one thread; what it has put into messages may be read by others.
class EnvelopeTrie {
 public:
  /// Shapes with more constant bytes are not kept.
  static constexpr std::size_t kMaxBytes = 1024;

  EnvelopeTrie();
  EnvelopeTrie(const EnvelopeTrie&) = delete;
  EnvelopeTrie& operator=(const EnvelopeTrie&) = delete;

  /// True when the text has a known shape: it is then a valid envelope, provided that it is UTF-8,
  /// and `message` has its parts. Sets bits in `high_bits` when it is not ASCII. Reads up to
  /// kFramePadding bytes after the text. The message refers to `memory`, which keeps its shape.
  bool match(std::string_view text, DecodedMessage& message, MessageMemory& memory,
             unsigned& high_bits);

  /// Adds the shape of a valid message. `scalars` are its values that may change, the time stamp
  /// among them; `message` has its other parts, with places that count from its beginning.
  void learn(std::string_view text, const ScalarSpans& scalars, const DecodedMessage& message);

 private:
  using Index = std::uint16_t;
  static constexpr Index kNone = 0;  // the root, which is never a child
  static constexpr std::size_t kMaxRuns = ScalarSpans::kMax + 1;

  /// A run of constant bytes. A scalar follows it unless the message ends there.
  struct Node {
    std::uint32_t at = 0;  // in bytes_
    std::uint32_t size = 0;
    Index first_child = kNone;
    Index next_sibling = kNone;
    Index shape = kNone;          // of a message that ends with this run
    bool is_before_time = false;  // the scalar after it is the time stamp
  };
  /// The position of an envelope's string inside a run.
  struct Place {
    std::uint32_t run = 0;  // on the way from the root
    std::uint32_t offset = 0;
    std::size_t size = 0;
  };
  /// The constant parts of a message, found by its last run.
  struct Shape {
    Place type;
    Place logger;
    Place env_version;
    Place hostname;
    std::int64_t severity = 0;
    std::int64_t pid = 0;
    PlaceTable places;
  };
  /// Shapes and what they refer to. One that was added never changes, and messages keep all of
  /// them, so other threads may read it while more are added.
  struct Shapes {
    Shapes();
    std::vector<Shape> shapes;  // the first is unused
    std::vector<FieldPlace> fields;
  };

  void forget_all();
  template <class IsIt>
  Index find_child(Index parent, const IsIt& is_it);
  Index child_at(Index parent, const char* at, const char* end);
  Index child_of(Index parent, std::string_view run, bool is_before_time);
  Shape shape_of(std::string_view text, const ScalarSpans& scalars, const DecodedMessage& message);

  std::vector<Node> nodes_;  // the first is the root
  std::shared_ptr<Shapes> shapes_;
  std::vector<char> bytes_;
  std::size_t bytes_used_ = 0;
  unsigned misses_ = 0;  // valid messages without a known shape since the last match
};

/// Runs of an envelope's members that were validated before. Byte-identical members in the same
/// position need not be parsed again. Used by one thread.
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
    std::string bytes;       // from the start of the first key to before the next comma or brace
    unsigned seen = 0;       // the envelope's keys in it, see bit_of()
    unsigned high_bits = 0;  // not 0 when it is not ASCII
    DecodedMessage message;  // its strings are in `bytes`
  };

  /// Returns the run that `text` begins with; null when none is known. `text` starts where a key
  /// may be, after the keys `before`. Sets the run's parts in `message`, with strings in `text`.
  /// Reads one byte after `text`.
  const Run* find(std::string_view text, unsigned before, DecodedMessage& message);
  /// Adds a valid run with the keys `seen`, whose parts are in `message`.
  void add(std::string_view bytes, unsigned before, unsigned seen, unsigned high_bits,
           const DecodedMessage& message);

 private:
  static constexpr std::size_t kRuns = 16;
  static constexpr unsigned kUnused = ~0U;

  static constexpr std::array<unsigned, kRuns> all_unused() {
    std::array<unsigned, kRuns> before{};
    before.fill(kUnused);
    return before;
  }

  // The keys before each run; apart from the runs, for most comparisons end here.
  std::array<unsigned, kRuns> before_ = all_unused();
  std::array<Run, kRuns> runs_;
  std::size_t last_ = 0;  // the one found or added last
};

/// The memory of a decoder. Used by one thread.
struct EnvelopeCache {
  EnvelopeTrie trie;
  MemberRunCache member_runs;  // for messages that the trie does not know
};

}  // namespace metlog
