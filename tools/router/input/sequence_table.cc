#include "tools/router/input/sequence_table.h"

#include <absl/container/flat_hash_map.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <list>
#include <string>
#include <tuple>
#include <utility>

namespace metlog {
namespace {

struct Key {
  std::array<std::uint8_t, 16> session;
  std::uint32_t lane;

  friend bool operator==(const Key&, const Key&) = default;

  template <class H>
  friend H AbslHashValue(H hash, const Key& key) {
    return H::combine(std::move(hash), key.session, key.lane);
  }
};

std::uint64_t saturating_sum(std::uint64_t a, std::uint64_t b) {
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  return a > most - b ? most : a + b;
}

std::string hex(const std::array<std::uint8_t, 16>& bytes) {
  std::string text;
  for (const std::uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace

struct SequenceTable::Lane {
  Key key;
  std::uint64_t expected;  // the next frame's number
  std::uint64_t messages = 0;
  std::uint64_t missing = 0;
  std::uint64_t late_frames = 0;
};

struct SequenceTable::Lanes {
  std::list<Lane> by_age;  // the one that was heard of last stands first
  absl::flat_hash_map<Key, std::list<Lane>::iterator> by_key;
};

SequenceTable::SequenceTable() : lanes_(std::make_unique<Lanes>()) {}
SequenceTable::~SequenceTable() = default;

SequenceTable::Lane& SequenceTable::lane_of(const FrameHeader& frame) {
  std::list<Lane>& by_age = lanes_->by_age;
  const Key key{frame.session, frame.lane};
  if (!by_age.empty() && by_age.front().key == key) return by_age.front();
  const auto found = lanes_->by_key.find(key);
  if (found != lanes_->by_key.end()) {
    by_age.splice(by_age.begin(), by_age, found->second);
    return by_age.front();
  }
  if (by_age.size() == kMaxLanes) {
    ++counts_.forgotten;
    lanes_->by_key.erase(by_age.back().key);
    by_age.pop_back();
  }
  ++counts_.lanes;
  by_age.push_front({.key = key, .expected = frame.sequence});
  lanes_->by_key.emplace(key, by_age.begin());
  return by_age.front();
}

void SequenceTable::note(const FrameHeader& frame) {
  Lane& lane = lane_of(frame);
  lane.messages += frame.count;
  if (frame.sequence < lane.expected) {
    ++lane.late_frames;
    ++counts_.late_frames;
    counts_.late_messages += frame.count;
  } else {
    const std::uint64_t skipped = frame.sequence - lane.expected;
    lane.missing = saturating_sum(lane.missing, skipped);
    counts_.missing = saturating_sum(counts_.missing, skipped);
  }
  // A frame may begin before what is expected and end behind it.
  lane.expected = std::max(lane.expected, saturating_sum(frame.sequence, frame.count));
}

std::vector<SequenceLane> SequenceTable::worst(std::size_t most) const {
  std::vector<const Lane*> lanes;
  for (const Lane& lane : lanes_->by_age) {
    if (lane.missing != 0 || lane.late_frames != 0) lanes.push_back(&lane);
  }
  const std::size_t kept = std::min(most, lanes.size());
  std::partial_sort(lanes.begin(), lanes.begin() + static_cast<std::ptrdiff_t>(kept), lanes.end(),
                    [](const Lane* a, const Lane* b) {
                      return std::tie(a->missing, a->late_frames, a->key.session, a->key.lane) >
                             std::tie(b->missing, b->late_frames, b->key.session, b->key.lane);
                    });
  std::vector<SequenceLane> worst;
  for (std::size_t i = 0; i < kept; ++i) {
    const Lane& lane = *lanes[i];
    worst.push_back(
        {hex(lane.key.session), lane.key.lane, lane.messages, lane.missing, lane.late_frames});
  }
  return worst;
}

}  // namespace metlog
