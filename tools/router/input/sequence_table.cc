#include "tools/router/input/sequence_table.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <array>
#include <limits>
#include <list>
#include <string>
#include <tuple>
#include <utility>

#include "metlog/internal/base/random_id.h"

namespace metlog {
namespace {

struct Key {
  std::array<std::uint8_t, 16> session;
  std::uint32_t number;

  friend bool operator==(const Key&, const Key&) = default;

  template <class H>
  friend H AbslHashValue(H hash, const Key& key) {
    return H::combine(std::move(hash), key.session, key.number);
  }
};

std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t max = std::numeric_limits<std::uint64_t>::max();
  return a > max - b ? max : a + b;
}

}  // namespace

struct SequenceTable::Stream {
  Key key;
  std::uint64_t expected = 0;  // the next frame's number
  std::uint64_t messages = 0;
  std::uint64_t missing = 0;
  std::uint64_t missing_at_start = 0;
  std::uint64_t late_frames = 0;
  std::uint64_t first = 0;  // number that came
  std::uint64_t repeated = 0;
  std::uint64_t late_unknown = 0;
  bool is_start_known = true;
  MissingNumbers absent = {};  // what is missing now: what came late is not
};

struct SequenceTable::Streams {
  std::list<Stream> by_age;  // the one with the latest frame first
  absl::flat_hash_map<Key, std::list<Stream>::iterator> by_key;
};

SequenceTable::SequenceTable() : streams_(std::make_unique<Streams>()) {}
SequenceTable::~SequenceTable() = default;

SequenceTable::Stream& SequenceTable::stream_of(const FrameHeader& frame) {
  std::list<Stream>& by_age = streams_->by_age;
  const Key key{frame.session, frame.stream};
  if (!by_age.empty() && by_age.front().key == key) return by_age.front();
  const auto found = streams_->by_key.find(key);
  if (found != streams_->by_key.end()) {
    by_age.splice(by_age.begin(), by_age, found->second);
    return by_age.front();
  }
  if (by_age.size() == kMaxStreams) {
    ++counts_.forgotten;
    streams_->by_key.erase(by_age.back().key);
    by_age.pop_back();
  }
  ++counts_.streams;
  by_age.push_front({.key = key});
  streams_->by_key.emplace(key, by_age.begin());
  note_start(by_age.front(), frame.sequence);
  return by_age.front();
}

void SequenceTable::note_start(Stream& stream, std::uint64_t sequence) {
  stream.expected = stream.first = sequence;
  if (counts_.forgotten != 0) {
    stream.is_start_known = sequence == 0;
    counts_.unknown_at_start = saturating_sum(counts_.unknown_at_start, sequence);
    return;
  }
  if (sequence == 0) return;
  stream.absent.add({0, sequence});
  stream.missing = stream.missing_at_start = sequence;
  counts_.missing = saturating_sum(counts_.missing, sequence);
  counts_.missing_at_start = saturating_sum(counts_.missing_at_start, sequence);
}

void SequenceTable::note(const FrameHeader& frame) {
  Stream& stream = stream_of(frame);
  stream.messages += frame.count;
  if (frame.sequence < stream.expected) {
    ++stream.late_frames;
    ++counts_.late_frames;
    counts_.late_messages += frame.count;
    const std::uint64_t behind = stream.expected - frame.sequence;
    const MissingNumbers::Late late =
        stream.absent.take({frame.sequence, std::min<std::uint64_t>(behind, frame.count)});
    stream.repeated += late.repeated;
    stream.late_unknown += late.unknown;
  } else if (frame.sequence > stream.expected) {
    const std::uint64_t skipped = frame.sequence - stream.expected;
    stream.absent.add({stream.expected, skipped});
    stream.missing = saturating_sum(stream.missing, skipped);
    counts_.missing = saturating_sum(counts_.missing, skipped);
  }
  // A frame may begin before the expected number and end after it.
  stream.expected = std::max(stream.expected, saturating_sum(frame.sequence, frame.count));
}

std::optional<SequenceTable::Arrivals> SequenceTable::find(const SessionId& session,
                                                           std::uint32_t stream) const {
  const auto found = streams_->by_key.find(Key{session, stream});
  if (found == streams_->by_key.end()) return std::nullopt;
  const Stream& known = *found->second;
  return Arrivals{known.first,        known.expected,       known.messages, known.repeated,
                  known.late_unknown, known.is_start_known, known.absent};
}

std::vector<SequenceStream> SequenceTable::worst(std::size_t max_streams) const {
  std::vector<const Stream*> streams;
  for (const Stream& stream : streams_->by_age) {
    if (stream.missing != 0 || stream.late_frames != 0) streams.push_back(&stream);
  }
  const std::size_t kept = std::min(max_streams, streams.size());
  std::partial_sort(streams.begin(), streams.begin() + static_cast<std::ptrdiff_t>(kept),
                    streams.end(), [](const Stream* a, const Stream* b) {
                      return std::tie(a->missing, a->late_frames, a->key.session, a->key.number) >
                             std::tie(b->missing, b->late_frames, b->key.session, b->key.number);
                    });
  std::vector<SequenceStream> worst;
  for (std::size_t i = 0; i < kept; ++i) {
    const Stream& stream = *streams[i];
    worst.push_back({id_text(stream.key.session), stream.key.number, stream.messages,
                     stream.missing, stream.missing_at_start, stream.late_frames});
  }
  return worst;
}

}  // namespace metlog
