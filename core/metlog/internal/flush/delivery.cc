// The flusher's way for a call's record: its time, its site, its message in a batch.

// How a client's messages are written: the flusher's encoders, and what stands behind them.

// The flusher's way for records of clients that have filters, or a format made of the envelope.

#include <algorithm>
#include <chrono>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "metlog/internal/base/ticks.h"
#include "metlog/internal/flush/flusher.h"
#include "metlog/internal/ring/record_bytes.h"

namespace metlog {
namespace {

// How long the clients of other destinations wait for one that is behind.
constexpr std::chrono::milliseconds kPatience{100};

}  // namespace

// The time of a ring's next record. It never runs back within a thread, whatever the clock's line
// does; but a record that was kept (emit_kept()) tells of a time before.
std::int64_t Flusher::take_time(const TimeMerge::Entry& found) const {
  // More than counters of different processors can differ by.
  constexpr std::int64_t kSkewNs = 10'000;
  LiveRing& ring = *found.ring;
  const std::int64_t own_ns = line_.utc_ns(found.stamp);
  // Signed, as the counter may wrap; most records are younger than the one before.
  const bool is_older = static_cast<std::int64_t>(found.stamp - ring.last_stamp) < 0;
  if (is_older && ring.last_stamp != 0 && own_ns + kSkewNs < line_.utc_ns(ring.last_stamp)) {
    return own_ns;
  }
  const std::int64_t utc_ns = std::max(ring.last_utc_ns, own_ns);
  // When a record was found says nothing about those that have a stamp.
  if (found.cell->stamp != kNoStamp) {
    ring.last_utc_ns = utc_ns;
    ring.last_stamp = found.stamp;
  }
  return utc_ns;
}

bool Flusher::take_call(const TimeMerge::Entry& found, const RecordHeader& head) {
  LiveRing& ring = *found.ring;
  const std::uint32_t slot = head.client % std::uint32_t{kClientSlots};
  Destination* const destination = destinations_[slot].get();
  if (destination == nullptr) return true;
  const std::int64_t utc_ns = take_time(found);
  const SiteLayout* const plan = plans_.find(head.site);
  if (plan == nullptr) {
    destination->count_lost(LossReason::kRefused, 1);
    return true;
  }
  const RecordView record{plan,
                          gather_record(ring.reader, head.cells, gathered_.data()),
                          record_capacity(head.cells),
                          utc_ns,
                          &line_,
                          &ring.context,
                          ring.context.bytes};
  const std::size_t lane_key = ring.memory->header().index;
  return filters_[slot] == nullptr ? deliver(record, slot, lane_key)
                                   : deliver_filtered(record, slot, lane_key);
}

bool Flusher::deliver(const RecordView& record, std::uint32_t slot, std::size_t lane_key) {
  Destination& destination = *destinations_[slot];
  Encoder& encoder = *encoders_[slot];
  char* const out = destination.try_reserve(lane_key, encoder.bound(record, slot));
  if (out == nullptr) return give_up(slot);
  destination.commit(lane_key, encoder.encode(out, record, slot), Batch::Origin::kUser);
  return true;
}

// Whether a stalled client's records are given up, so that those of other clients behind them in
// the same rings get out.
bool Flusher::others_wait_for(std::uint32_t slot) const {
  // relaxed: a switch
  const std::uint8_t policy = g_client_policies[slot].when_full.load(Order::kRelaxed);
  return client_count_ > 1 && static_cast<WhenFull>(policy) != WhenFull::kBlock &&
         destinations_[slot]->stalled_for() >= kPatience;
}

// Whether a record that finds no room is lost, instead of being taken later.
bool Flusher::give_up(std::uint32_t slot) {
  if (!others_wait_for(slot)) return false;
  destinations_[slot]->count_lost(LossReason::kQueueFull, 1);
  return true;
}

void Flusher::install(std::uint32_t slot, ClientSetup form,
                      std::unique_ptr<Destination> destination) {
  encoders_[slot] = form.format.format() == MessageFormat::kText
                        ? static_cast<Encoder*>(&lines_)
                        : static_cast<Encoder*>(&envelopes_);
  filters_[slot].reset();
  formattings_[slot].reset();
  const bool is_formatted = Formatting::is_for(form.format);
  if (is_formatted) formattings_[slot] = std::make_unique<Formatting>(std::move(form.format));
  if (is_formatted || !form.filters.empty()) {
    envelopes_.set_client(slot, form.text);  // what filters and formatters read
    filters_[slot] = std::make_unique<FilterChain>(std::move(form.filters), form.text);
  }
  encoders_[slot]->set_client(slot, std::move(form.text));
  destinations_[slot] = std::move(destination);
}

// A message of the engine's own, in its client's format.
std::string Flusher::text_of(const EngineMessage& message, std::uint32_t slot) {
  std::string text = encoders_[slot]->encode(message, slot);
  if (formattings_[slot] == nullptr) return text;
  std::optional<std::string> formatted = formattings_[slot]->text_of(text, message.utc_ns);
  // A formatter that fails at the user's messages may fail at the one that tells of it, too.
  return formatted.has_value() ? *std::move(formatted) : text;
}

// The user's message of this envelope, in its client's format. There is room for it, or will be:
// the caller has reserved some.
void Flusher::put_formatted(std::string_view envelope, std::int64_t utc_ns, std::uint32_t slot,
                            std::size_t lane_key) {
  Destination& destination = *destinations_[slot];
  const std::optional<std::string> text = formattings_[slot]->text_of(envelope, utc_ns);
  if (text.has_value()) {
    put_text(*text, destination, lane_key, Batch::Origin::kUser);
  } else {
    destination.count_lost(LossReason::kFormatterFailed, 1);
  }
}

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
