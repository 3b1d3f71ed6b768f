#include "tools/router/decode/known_pairs.h"

#include "tools/router/decode/envelope_key.h"

namespace metlog {
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

const KnownPairs::Run* KnownPairs::find(std::string_view text, unsigned before,
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

void KnownPairs::add(std::string_view bytes, unsigned before, unsigned seen, unsigned high_bits,
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
