#include "tools/metlogd/known_heads.h"

namespace metlog {
namespace {

/// Those texts of `from` that lie in `old_text`, at the same places of `new_text`.
void copy_texts(const DecodedMessage& from, std::string_view old_text, const char* new_text,
                DecodedMessage& to) {
  for (const auto text :
       {&DecodedMessage::type, &DecodedMessage::logger, &DecodedMessage::env_version,
        &DecodedMessage::hostname, &DecodedMessage::timestamp}) {
    const std::string_view value = from.*text;
    const auto at = static_cast<std::size_t>(value.data() - old_text.data());
    if (value.data() < old_text.data() || at >= old_text.size()) continue;
    to.*text = {new_text + at, value.size()};
  }
}

}  // namespace

const KnownHeads::Head* KnownHeads::find(std::string_view text, DecodedMessage& message) {
  for (std::size_t i = 0; i < kHeads; ++i) {
    const std::size_t index = (last_ + i) % kHeads;
    const Head& head = heads_[index];
    if (head.bytes.empty() || !text.starts_with(head.bytes)) continue;
    last_ = index;
    copy_texts(head.message, head.bytes, text.data(), message);
    message.severity = head.message.severity;
    message.pid = head.message.pid;
    return &head;
  }
  return nullptr;
}

void KnownHeads::add(std::string_view text, std::size_t bytes, unsigned seen, unsigned high_bits,
                     const DecodedMessage& message) {
  if (bytes == 0 || bytes > kMaxBytes) return;
  last_ = (last_ + kHeads - 1) % kHeads;
  Head& head = heads_[last_];
  head.bytes = text.substr(0, bytes);
  head.seen = seen;
  head.high_bits = high_bits;
  head.message = DecodedMessage{};
  copy_texts(message, text.substr(0, bytes), head.bytes.data(), head.message);
  head.message.severity = message.severity;
  head.message.pid = message.pid;
}

}  // namespace metlog
