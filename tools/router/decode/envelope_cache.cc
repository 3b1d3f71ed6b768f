#include "tools/router/decode/envelope_cache.h"

#include <bit>
#include <cstring>

#include "tools/router/decode/envelope_key.h"
#include "tools/router/decode/value_scan.h"

namespace metlog {
namespace {

// When there is no more room all is forgotten: what still comes is soon known again.
constexpr std::size_t kMaxNodes = 1024;
constexpr std::size_t kMaxEnds = 256;
constexpr std::size_t kMaxTrieBytes = 64 * 1024;
// Of a run's successors, the latest first.
constexpr int kMaxTried = 16;
// After so many misses in a row one in as many is still learnt.
constexpr unsigned kPatience = 32;

constexpr std::size_t kWord = sizeof(std::uint64_t);

std::uint64_t word_at(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// Reads up to a word behind both.
bool are_same(const char* a, const char* b, std::size_t size) {
  static_assert(std::endian::native == std::endian::little);
  for (; size >= kWord; size -= kWord, a += kWord, b += kWord) {
    if (word_at(a) != word_at(b)) return false;
  }
  return size == 0 || (word_at(a) ^ word_at(b)) << 8 * (kWord - size) == 0;
}

/// Calls `take(run, is_before_time)` for what stands before each leaf and behind the last.
template <class Take>
void each_run(std::string_view text, const ScalarSpans& leaves, const DecodedMessage& message,
              const Take& take) {
  const char* begin = text.data();
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    take(std::string_view(begin, static_cast<std::size_t>(leaves[i].begin - begin)),
         leaves[i].begin + 1 == message.timestamp.data());
    begin = leaves[i].end;
  }
  take(text.substr(static_cast<std::size_t>(begin - text.data())), false);
}

}  // namespace

EnvelopeTrie::EnvelopeTrie() : bytes_(kMaxTrieBytes + kWord) {
  nodes_.reserve(kMaxNodes);
  ends_.reserve(kMaxEnds);
  forget_all();
}

void EnvelopeTrie::forget_all() {
  nodes_.assign(1, Node{});
  ends_.assign(1, End{});
  bytes_used_ = 0;
}

bool EnvelopeTrie::read(std::string_view text, DecodedMessage& message, unsigned& high_bits) {
  std::array<const char*, kMaxRuns> runs;
  ValueScan scan{text.data() + text.size(), 0};
  const char* at = text.data();
  Index node = 0;
  for (std::size_t i = 0; i < kMaxRuns; ++i) {
    node = child_at(node, at, scan.end);
    if (node == kNone) return false;
    runs[i] = at;
    at += nodes_[node].size;
    if (at == scan.end) break;
    at = nodes_[node].is_before_time ? scan_plain_text(at, scan, message.timestamp)
                                     : scan_leaf(at, scan);
    if (at == nullptr || at >= scan.end) return false;
  }
  if (at != scan.end || nodes_[node].end == kNone) return false;
  const End& end = ends_[nodes_[node].end];
  const auto text_at = [&runs](const Place& place) {
    return std::string_view(runs[place.run] + place.offset, place.size);
  };
  message.type = text_at(end.type);
  message.logger = text_at(end.logger);
  message.env_version = text_at(end.env_version);
  message.hostname = text_at(end.hostname);
  message.severity = end.severity;
  message.pid = end.pid;
  high_bits = scan.high_bits;
  misses_ = 0;
  return true;
}

/// The successor that `is_it`, among those that are tried; it is the first of them from then on.
template <class IsIt>
EnvelopeTrie::Index EnvelopeTrie::find_child(Index parent, const IsIt& is_it) {
  Index before = kNone;
  Index child = nodes_[parent].first_child;
  for (int tried = 0; child != kNone && tried < kMaxTried; ++tried) {
    Node& node = nodes_[child];
    if (is_it(node)) {
      if (before != kNone) {
        nodes_[before].next_sibling = node.next_sibling;
        node.next_sibling = nodes_[parent].first_child;
        nodes_[parent].first_child = child;
      }
      return child;
    }
    before = child;
    child = node.next_sibling;
  }
  return kNone;
}

/// The successor whose run stands there.
EnvelopeTrie::Index EnvelopeTrie::child_at(Index parent, const char* at, const char* end) {
  const auto left = static_cast<std::size_t>(end - at);
  return find_child(parent, [&](const Node& node) {
    return node.size <= left && are_same(at, bytes_.data() + node.at, node.size);
  });
}

void EnvelopeTrie::learn(std::string_view text, const ScalarSpans& leaves,
                         const DecodedMessage& message) {
  if (++misses_ > kPatience && misses_ % kPatience != 0) return;
  if (!leaves.are_all()) return;
  std::size_t kept = 0;
  each_run(text, leaves, message, [&kept](std::string_view run, bool) { kept += run.size(); });
  if (kept > kMaxBytes) return;
  if (nodes_.size() + leaves.size() + 1 > kMaxNodes || ends_.size() + 1 > kMaxEnds ||
      bytes_used_ + kept > kMaxTrieBytes) {
    forget_all();
  }
  Index node = 0;
  each_run(text, leaves, message, [this, &node](std::string_view run, bool is_before_time) {
    node = child_of(node, run, is_before_time);
  });
  if (nodes_[node].end != kNone) return;
  nodes_[node].end = static_cast<Index>(ends_.size());
  ends_.push_back(end_of(text, leaves, message));
}

/// The successor of just this run; made when none is found. What sank below those that are tried
/// is made once more, and stays unused until all is forgotten.
EnvelopeTrie::Index EnvelopeTrie::child_of(Index parent, std::string_view run,
                                           bool is_before_time) {
  const Index known = find_child(parent, [&](const Node& node) {
    return run == std::string_view(bytes_.data() + node.at, node.size);
  });
  if (known != kNone) return known;
  Node node;
  node.at = static_cast<std::uint32_t>(bytes_used_);
  node.size = static_cast<std::uint32_t>(run.size());
  node.next_sibling = nodes_[parent].first_child;
  node.is_before_time = is_before_time;
  run.copy(bytes_.data() + bytes_used_, run.size());
  bytes_used_ += run.size();
  const auto index = static_cast<Index>(nodes_.size());
  nodes_.push_back(node);
  nodes_[parent].first_child = index;
  return index;
}

EnvelopeTrie::End EnvelopeTrie::end_of(std::string_view text, const ScalarSpans& leaves,
                                       const DecodedMessage& message) {
  const auto place_of = [&](std::string_view value) {
    Place place{0, 0, value.size()};
    const char* begin = text.data();
    for (; place.run < leaves.size() && leaves[place.run].begin < value.data(); ++place.run) {
      begin = leaves[place.run].end;
    }
    place.offset = static_cast<std::uint32_t>(value.data() - begin);
    return place;
  };
  return {place_of(message.type),     place_of(message.logger), place_of(message.env_version),
          place_of(message.hostname), message.severity,         message.pid};
}

namespace {

constexpr bool holds(unsigned seen, EnvelopeKey key) { return (seen & bit_of(key)) != 0; }

/// What the keys `seen` have in `from`, whose texts lie from `old_begin` on; `to` has its own at
/// the same places from `new_begin` on.
void copy_values(const DecodedMessage& from, const char* old_begin, unsigned seen,
                 const char* new_begin, DecodedMessage& to) {
  const auto copy_text = [&](EnvelopeKey key, std::string_view DecodedMessage::*text) {
    if (!holds(seen, key)) return;
    to.*text = {new_begin + ((from.*text).data() - old_begin), (from.*text).size()};
  };
  copy_text(EnvelopeKey::kType, &DecodedMessage::type);
  copy_text(EnvelopeKey::kLogger, &DecodedMessage::logger);
  copy_text(EnvelopeKey::kEnvVersion, &DecodedMessage::env_version);
  copy_text(EnvelopeKey::kHostname, &DecodedMessage::hostname);
  if (holds(seen, EnvelopeKey::kSeverity)) to.severity = from.severity;
  if (holds(seen, EnvelopeKey::kPid)) to.pid = from.pid;
}

/// Only a whole value: 6 is no beginning of 65.
bool begins_with(std::string_view text, std::string_view bytes) {
  if (!text.starts_with(bytes)) return false;
  const char behind = text.data()[bytes.size()];
  return behind == ',' || behind == '}';
}

}  // namespace

const MemberRunCache::Run* MemberRunCache::find(std::string_view text, unsigned before,
                                                DecodedMessage& message) {
  for (std::size_t i = 0; i < kRuns; ++i) {
    const std::size_t index = (last_ + i) % kRuns;
    if (before_[index] != before) continue;
    const Run& run = runs_[index];
    if (!begins_with(text, run.bytes)) continue;
    last_ = index;
    copy_values(run.message, run.bytes.data(), run.seen, text.data(), message);
    return &run;
  }
  return nullptr;
}

void MemberRunCache::add(std::string_view bytes, unsigned before, unsigned seen, unsigned high_bits,
                         const DecodedMessage& message) {
  if (bytes.size() > kMaxBytes) return;
  last_ = (last_ + kRuns - 1) % kRuns;
  before_[last_] = before;
  Run& run = runs_[last_];
  run.bytes = bytes;
  run.seen = seen;
  run.high_bits = high_bits;
  copy_values(message, bytes.data(), seen, run.bytes.data(), run.message);
}

}  // namespace metlog
