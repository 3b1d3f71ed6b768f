// The flusher's way for records of clients that have filters, or a format made of the envelope.

#include <algorithm>
#include <cstring>
#include <string>

#include "metlog/internal/flush/flusher.h"

namespace metlog {

bool Flusher::deliver_filtered(const RecordView& record, std::uint32_t slot, std::size_t lane_key) {
  FilterChain& filters = *filters_[slot];
  Destination& destination = *destinations_[slot];
  Encoder& encoder = *encoders_[slot];
  if (filters.drops_unread(record)) {
    destination.count_filtered();
    return true;
  }
  const bool is_formatted = formattings_[slot] != nullptr;
  if (!filters.has_readers() && !is_formatted) return deliver(record, slot, lane_key);
  // Room first: a record that finds none comes again, and a filter is to see it once.
  const std::size_t bound = std::max(envelopes_.bound(record, slot), encoder.bound(record, slot));
  char* const out = destination.try_reserve(lane_key, bound);
  if (out == nullptr) return give_up(slot);
  char* end = envelopes_.encode(out, record, slot);
  const std::string_view envelope(out, static_cast<std::size_t>(end - out));
  switch (filters.run(envelope, record.utc_ns)) {
    case FilterChain::Verdict::kPassed:
      if (is_formatted) {
        put_formatted(envelope, record.utc_ns, slot, lane_key);
        break;
      }
      if (&encoder != &envelopes_) end = encoder.encode(out, record, slot);
      destination.commit(lane_key, end, Batch::Origin::kUser);
      break;
    case FilterChain::Verdict::kChanged: {
      const std::string changed = encoder.encode(filters.message());
      if (is_formatted) {
        put_formatted(changed, filters.message().utc_ns(), slot, lane_key);
      } else {
        put_text(changed, destination, lane_key, Batch::Origin::kUser);
      }
      break;
    }
    case FilterChain::Verdict::kDropped:
      destination.count_filtered();
      break;
    case FilterChain::Verdict::kFailed:
      destination.count_lost(LossReason::kFilterFailed, 1);
      break;
  }
  return true;
}

bool Flusher::put_text(const std::string& text, Destination& destination, std::size_t lane_key,
                       Batch::Origin origin) {
  char* const out = destination.try_reserve(lane_key, text.size());
  if (out == nullptr) return false;
  std::memcpy(out, text.data(), text.size());
  destination.commit(lane_key, out + text.size(), origin);
  return true;
}

}  // namespace metlog
