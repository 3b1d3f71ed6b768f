#include "metlog/internal/recovery/ring_drain.h"

#include <time.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "metlog/internal/base/random_id.h"
#include "metlog/internal/base/ticks.h"
#include "metlog/internal/flush/timeline.h"
#include "metlog/internal/text/indented_json.h"
#include "metlog/loss.h"
#include "metlog/severity.h"

namespace metlog {

RingDrain::RingDrain(DeadSession& session, Lanes& lanes)
    : session_(session),
      lanes_(lanes),
      clock_(session.clock()),
      envelopes_({session.header().pid, session.host()}) {}

void RingDrain::take_all() {
  std::vector<OpenRing> rings;
  for (RingImage& image : session_.rings()) {
    rings.push_back({&image, image.next(), {}, clock_.base_ticks});
    const std::vector<unsigned char>& context = image.context();
    if (!context.empty()) render_context(rings.back().context, context.data(), context.size());
    note_stamp(rings.back());
  }
  note_order(rings);
  while (OpenRing* const ring = oldest_of(rings)) {
    take(*ring, rings);
    ring->record = ring->image->next();
    note_stamp(*ring);
  }
}

/// A thread whose ring was full went on in a larger one: its last record there says in which.
void RingDrain::note_order(std::vector<OpenRing>& rings) {
  for (OpenRing& ring : rings) {
    RingImage ahead = *ring.image;
    for (std::optional<RingImage::Record> record = ring.record; record.has_value();
         record = ahead.next()) {
      if (static_cast<ControlRecord>(record->head.site) != ControlRecord::kContinuation) continue;
      Continuation continuation;
      std::memcpy(&continuation, ahead.args().data(), sizeof continuation);
      for (OpenRing& next : rings) {
        if (&next != &ring && next.image->index() == continuation.ring) next.follows = &ring;
      }
    }
  }
}

// A record that the flusher would have stamped has the time of the one before it.
void RingDrain::note_stamp(OpenRing& ring) {
  if (ring.record.has_value() && ring.record->stamp != kNoStamp) ring.stamp = ring.record->stamp;
}

RingDrain::OpenRing* RingDrain::oldest_of(std::vector<OpenRing>& rings) {
  OpenRing* oldest = nullptr;
  OpenRing* waiting = nullptr;
  for (OpenRing& ring : rings) {
    if (!ring.record.has_value()) continue;
    if (ring.follows != nullptr && ring.follows->record.has_value()) {
      waiting = &ring;
      continue;
    }
    // Signed, as the counter may wrap.
    if (oldest == nullptr || static_cast<std::int64_t>(ring.stamp - oldest->stamp) < 0) {
      oldest = &ring;
    }
  }
  return oldest != nullptr ? oldest : waiting;  // damage may say that each follows another
}

void RingDrain::take(OpenRing& ring, std::vector<OpenRing>& rings) {
  const RecordHeader& head = ring.record->head;
  const std::vector<unsigned char>& args = ring.image->args();
  if (head.site >= kFirstSiteId) return take_call(ring);
  switch (static_cast<ControlRecord>(head.site)) {
    case ControlRecord::kContextSet:
      return render_context(ring.context, args.data(), args.size());
    case ControlRecord::kContextClear:
      return ring.context.clear();
    case ControlRecord::kLoss:
      return take_loss(ring);
    case ControlRecord::kContinuation: {
      Continuation continuation;
      std::memcpy(&continuation, args.data(), sizeof continuation);
      for (OpenRing& next : rings) {
        if (next.image->index() == continuation.ring) next.context = ring.context;
      }
      return;
    }
    default:
      return;
  }
}

void RingDrain::take_call(OpenRing& ring) {
  const RingImage::Record& record = *ring.record;
  const SessionClient* const client = prepare(record.head.client);
  const SiteLayout* const layout = session_.layout(record.head.site);
  if (client == nullptr || client->streams.empty() || layout == nullptr) {
    ++undecodable_;
    return;
  }
  Lane& lane = lanes_.of(client->streams[ring.image->queue_key() % client->streams.size()]);
  if (lane.has(record.id)) return;
  const std::vector<unsigned char>& args = ring.image->args();
  RecordView view{layout,  args.data(),   args.size(),        clock_.utc_ns(ring.stamp),
                  &clock_, &ring.context, ring.context.bytes, record.id};
  if (layout->time_arg != SIZE_MAX) view.utc_ns = layout->given_time(view);
  Encoder& encoder = encoder_of(*client);
  std::string text(encoder.bound(view, client->slot), '\0');
  text.resize(
      static_cast<std::size_t>(encoder.encode(text.data(), view, client->slot) - text.data()));
  lane.add(formatted(*client, std::move(text)), record.id, Batch::Origin::kUser);
  last_utc_ns_ = std::max(last_utc_ns_, view.utc_ns);
  ++taken_;
}

void RingDrain::take_loss(OpenRing& ring) {
  LossMark mark;
  std::memcpy(&mark, ring.image->args().data(), sizeof mark);
  const SessionClient* const client = prepare(ring.record->head.client);
  if (client == nullptr || client->streams.empty()) return;
  Lane& lane = lanes_.of(client->streams[ring.image->queue_key() % client->streams.size()]);
  if (lane.has(ring.record->id)) return;
  const auto reason = static_cast<LossReason>(mark.reason % kLossReasonCount);
  const std::string count = std::to_string(mark.count);
  const EngineMessage message{"metlog.loss",
                              "lost " + count + (mark.count == 1 ? " message: " : " messages: ") +
                                  std::string(name_of(reason)),
                              {{"count", count, true},
                               {"reason", std::string(name_of(reason))},
                               {"first", time_text(clock_.utc_ns(mark.first_stamp))},
                               {"last", time_text(clock_.utc_ns(mark.last_stamp))},
                               {"session", id_text(session_.id())}},
                              static_cast<int>(Severity::kWarning),
                              clock_.utc_ns(mark.last_stamp)};
  add(*client, lane, message, ring.record->id);
}

void RingDrain::report_death(const Death& death) {
  const SessionClient* first = nullptr;
  bool is_told = false;
  for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) {
    const SessionClient* const client = prepare(slot);
    if (client == nullptr || client->streams.empty()) continue;
    if (first == nullptr) first = client;
    const bool has_messages =
        std::any_of(client->streams.begin(), client->streams.end(),
                    [this](std::uint32_t stream) { return lanes_.of(stream).count() != 0; });
    if (has_messages) tell(*client, death);
    is_told |= has_messages;
  }
  if (!is_told && first != nullptr) tell(*first, death);
}

void RingDrain::tell(const SessionClient& client, const Death& death) {
  Lane& lane = lanes_.of(client.streams.front());
  if (!lane.has(Lane::kDeath)) add(client, lane, message_of(death), Lane::kDeath);
}

EngineMessage RingDrain::message_of(const Death& death) const {
  const std::string pid = std::to_string(session_.header().pid);
  const std::string found = std::to_string(death.found);
  std::string how = "died";
  std::vector<EngineField> fields{{"pid", pid, true},
                                  {"program", death.app},
                                  {"recovered", found, true},
                                  {"session", id_text(session_.id())}};
  if (last_utc_ns_ != 0) fields.push_back({"last", time_text(last_utc_ns_)});
  if (undecodable_ != 0) fields.push_back({"undecodable", std::to_string(undecodable_), true});
  if (death.signal != 0) {
    fields.push_back({"signal", std::to_string(death.signal), true});
    how = "died by signal " + std::to_string(death.signal);
  }
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  return {"metlog.death",
          death.app + " (" + pid + ") " + how + "; " + found +
              (death.found == 1 ? " message was" : " messages were") + " recovered",
          std::move(fields), static_cast<int>(Severity::kAlert),
          static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec};
}

void RingDrain::add(const SessionClient& client, Lane& lane, const EngineMessage& message,
                    const RecordId& record) {
  lane.add(formatted(client, encoder_of(client).encode(message, client.slot)), record,
           Batch::Origin::kEngine);
}

/// Makes the encoders know the client in a slot; null when the session does not.
const SessionClient* RingDrain::prepare(std::uint32_t slot) {
  const SessionClient* const client = session_.client_in(slot % kClientSlots);
  if (client == nullptr || !is_known_.insert(client->slot).second) return client;
  const ClientText text{client->logger, client->severity,
                        static_cast<TimerResolution>(client->timer_resolution % 2)};
  envelopes_.set_client(client->slot, text);
  lines_.set_client(client->slot, text);
  return client;
}

Encoder& RingDrain::encoder_of(const SessionClient& client) {
  if (static_cast<MessageFormat>(client.format) == MessageFormat::kText) return lines_;
  return envelopes_;  // also for a format that a function of the program would make
}

std::string RingDrain::formatted(const SessionClient& client, std::string message) {
  const bool is_indented = static_cast<MessageFormat>(client.format) == MessageFormat::kIndented;
  return is_indented ? indented_json(message) : std::move(message);
}

}  // namespace metlog
