#include "tools/router/decode/envelope_cache.h"

#include <bit>
#include <cstring>

#include "tools/router/decode/envelope_key.h"
#include "tools/router/decode/value_scan.h"

namespace metlog {
namespace {

// When one of these is reached the trie is emptied; shapes that still occur are soon learnt again.
constexpr std::size_t kMaxNodes = 1024;
constexpr std::size_t kMaxShapes = 256;
constexpr std::size_t kMaxFields = 2048;  // of all shapes
constexpr std::size_t kMaxTrieBytes = 64 * 1024;
// Children of a node that are compared, the one found last first.
constexpr int kMaxTried = 16;
// After this many misses in a row only one of as many is learnt: messages that never recur would
// cost more than they save.
constexpr unsigned kPatience = 32;

constexpr std::size_t kWord = sizeof(std::uint64_t);

std::uint64_t word_at(const char* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// Reads up to a word after both.
bool are_same(const char* a, const char* b, std::size_t size) {
  static_assert(std::endian::native == std::endian::little);
  for (; size >= kWord; size -= kWord, a += kWord, b += kWord) {
    if (word_at(a) != word_at(b)) return false;
  }
  return size == 0 || (word_at(a) ^ word_at(b)) << 8 * (kWord - size) == 0;
}

/// Calls `take(run, is_before_time)` for the bytes before each scalar and after the last.
template <class Take>
void each_run(std::string_view text, const ScalarSpans& scalars, const DecodedMessage& message,
              const Take& take) {
  const char* begin = text.data();
  for (std::size_t i = 0; i < scalars.size(); ++i) {
    take(std::string_view(begin, static_cast<std::size_t>(scalars[i].begin - begin)),
         scalars[i].begin + 1 == message.timestamp.data());
    begin = scalars[i].end;
  }
  take(text.substr(static_cast<std::size_t>(begin - text.data())), false);
}

}  // namespace

EnvelopeTrie::EnvelopeTrie() : bytes_(kMaxTrieBytes + kWord) {
  nodes_.reserve(kMaxNodes);
  forget_all();
}

EnvelopeTrie::Shapes::Shapes() : shapes(1) {
  shapes.reserve(kMaxShapes);  // neither ever moves its elements
  fields.reserve(kMaxFields);
}

void EnvelopeTrie::forget_all() {
  nodes_.assign(1, Node{});
  shapes_ = std::make_shared<Shapes>();
  bytes_used_ = 0;
}

bool EnvelopeTrie::match(std::string_view text, DecodedMessage& message, MessageMemory& memory,
                         unsigned& high_bits) {
  auto* const runs = memory.reserve<std::uint32_t>(kMaxRuns);
  std::size_t run_count = 0;
  ValueScan scan{text.data() + text.size(), 0};
  const char* at = text.data();
  Index node = 0;
  while (run_count < kMaxRuns) {
    node = child_at(node, at, scan.end);
    if (node == kNone) return false;
    runs[run_count++] = static_cast<std::uint32_t>(at - text.data());
    at += nodes_[node].size;
    if (at == scan.end) break;
    at = nodes_[node].is_before_time ? scan_plain_string(at, scan, message.timestamp)
                                     : scan_scalar(at, scan);
    if (at == nullptr || at >= scan.end) return false;
  }
  if (at != scan.end || nodes_[node].shape == kNone) return false;
  const Shape& shape = shapes_->shapes[nodes_[node].shape];
  const auto text_at = [&text, runs](const Place& place) {
    return std::string_view(text.data() + runs[place.run] + place.offset, place.size);
  };
  message.type = text_at(shape.type);
  message.logger = text_at(shape.logger);
  message.env_version = text_at(shape.env_version);
  message.hostname = text_at(shape.hostname);
  message.severity = shape.severity;
  message.pid = shape.pid;
  message.places = &shape.places;
  message.runs = runs;
  memory.take<std::uint32_t>(run_count);
  memory.keep(shapes_);
  high_bits = scan.high_bits;
  misses_ = 0;
  return true;
}

/// Returns the child for which `is_it` is true, among the first kMaxTried, and makes it the first;
/// kNone when there is none.
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

/// Returns the child whose run is at `at`.
EnvelopeTrie::Index EnvelopeTrie::child_at(Index parent, const char* at, const char* end) {
  const auto left = static_cast<std::size_t>(end - at);
  return find_child(parent, [&](const Node& node) {
    return node.size <= left && are_same(at, bytes_.data() + node.at, node.size);
  });
}

void EnvelopeTrie::learn(std::string_view text, const ScalarSpans& scalars,
                         const DecodedMessage& message) {
  if (++misses_ > kPatience && misses_ % kPatience != 0) return;
  if (!scalars.is_complete()) return;
  std::size_t kept = 0;
  each_run(text, scalars, message, [&kept](std::string_view run, bool) { kept += run.size(); });
  if (kept > kMaxBytes) return;
  if (nodes_.size() + scalars.size() + 1 > kMaxNodes || shapes_->shapes.size() + 1 > kMaxShapes ||
      shapes_->fields.size() + message.places->field_count > kMaxFields ||
      bytes_used_ + kept > kMaxTrieBytes) {
    forget_all();
  }
  Index node = 0;
  each_run(text, scalars, message, [this, &node](std::string_view run, bool is_before_time) {
    node = child_of(node, run, is_before_time);
  });
  if (nodes_[node].shape != kNone) return;
  nodes_[node].shape = static_cast<Index>(shapes_->shapes.size());
  shapes_->shapes.push_back(shape_of(text, scalars, message));
}

/// Returns the child with this run, and adds it when it is not among the first kMaxTried. One that
/// sank below them is thus added a second time; the first stays unused until the trie is emptied.
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

EnvelopeTrie::Shape EnvelopeTrie::shape_of(std::string_view text, const ScalarSpans& scalars,
                                           const DecodedMessage& message) {
  // The end of a run, where a scalar begins, is in that run.
  const auto position_of = [&](const char* address) {
    TextPosition position;
    const char* begin = text.data();
    for (; position.run < scalars.size() && scalars[position.run].begin < address; ++position.run) {
      begin = scalars[position.run].end;
    }
    position.offset = static_cast<std::uint32_t>(address - begin);
    return position;
  };
  const auto place_of = [&](std::string_view value) {
    const TextPosition position = position_of(value.data());
    return Place{position.run, position.offset, value.size()};
  };
  const auto moved = [&](const TextPosition& in_text) {
    return position_of(text.data() + in_text.offset);
  };
  const PlaceTable& places = *message.places;
  std::vector<FieldPlace>& fields = shapes_->fields;
  const FieldPlace* const first = fields.data() + fields.size();
  for (std::size_t i = 0; i < places.field_count; ++i) {
    const FieldPlace& field = places.fields[i];
    fields.push_back(
        {moved(field.key), moved(field.value), moved(field.value_end), field.key_size});
  }
  return {place_of(message.type),
          place_of(message.logger),
          place_of(message.env_version),
          place_of(message.hostname),
          message.severity,
          message.pid,
          {moved(places.payload), moved(places.payload_end), first, places.field_count}};
}

namespace {

constexpr bool holds(unsigned seen, EnvelopeKey key) { return (seen & bit_of(key)) != 0; }

/// Copies the values of the keys `seen`. The strings of `from` are in the bytes at `old_begin`;
/// those of `to` will be at the same offsets from `new_begin`.
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

/// True when `text` begins with these members and they end there: 6 must not match 65.
bool begins_with(std::string_view text, std::string_view bytes) {
  if (!text.starts_with(bytes)) return false;
  const char next = text.data()[bytes.size()];
  return next == ',' || next == '}';
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
