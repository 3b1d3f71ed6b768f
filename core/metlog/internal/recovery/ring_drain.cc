#include "metlog/internal/recovery/ring_drain.h"

#include <time.h>

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "metlog/internal/base/random_id.h"
#include "metlog/internal/base/system_facts.h"
#include "metlog/internal/base/ticks.h"
#include "metlog/internal/flush/loss_reporter.h"
#include "metlog/internal/flush/timeline.h"
#include "metlog/internal/flush/unreported_losses.h"
#include "metlog/internal/text/indented_json.h"
#include "metlog/loss.h"
#include "metlog/severity.h"

namespace metlog {
namespace {

constexpr auto kContinuationSite = static_cast<std::uint32_t>(ControlRecord::kContinuation);
/// Clients that the session does not know get streams of their own, which no process gives out.
constexpr std::uint32_t kFirstUnknownStream = 0x7fff0000;
/// A longer message is one that a damaged call site makes of its record.
constexpr std::size_t kMaxMessageBytes = std::size_t{16} << 20;

/// Of the record that was returned last.
Continuation continuation_of(const RingImage& ring) {
  Continuation continuation;
  std::memcpy(&continuation, ring.args().data(), sizeof continuation);
  return continuation;
}

ProcessText process_of(const DeadSession& session) {
  const SessionHeader& header = session.header();
  return {header.pid, session.host(),
          std::string(header.app, strnlen(header.app, sizeof header.app))};
}

bool is_indented(const SessionClient& client) {
  return static_cast<MessageFormat>(client.format) == MessageFormat::kIndented;
}

}  // namespace

RingDrain::RingDrain(DeadSession& session, DeadAccounts& accounts, Lanes& lanes)
    : session_(session),
      accounts_(accounts),
      lanes_(lanes),
      clock_(session.clock()),
      envelopes_(process_of(session)),
      lines_(process_of(session)),
      layouts_(process_of(session)) {}

void RingDrain::take_all() {
  std::vector<OpenRing> rings;
  for (RingImage& image : session_.rings()) {
    rings.push_back({&image, image.next(), {}, clock_.base_ticks, image.queue_key()});
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
  for (std::size_t i = 0; i < rings.size(); ++i) ring_at_[rings[i].image->index()] = i;
  for (OpenRing& ring : rings) {
    std::vector<std::uint64_t> next = ring.image->continuations();
    if (ring.record.has_value() && ring.record->head.site == kContinuationSite) {
      next.push_back(continuation_of(*ring.image).ring);
    }
    for (const std::uint64_t index : next) {
      const auto found = ring_at_.find(index);
      if (found != ring_at_.end() && &rings[found->second] != &ring) {
        rings[found->second].follows = &ring;
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
      const auto next = ring_at_.find(continuation_of(*ring.image).ring);
      if (next == ring_at_.end()) return;
      rings[next->second].context = ring.context;
      rings[next->second].queue_key = ring.queue_key;
      return;
    }
    default:
      return;
  }
}

/// Returns where the messages of the ring's thread go, as the flusher chooses it.
Lane& RingDrain::lane_of(const SessionClient& client, const OpenRing& ring) {
  return lanes_.of(client.streams[ring.queue_key % client.streams.size()]);
}

void RingDrain::take_call(OpenRing& ring) {
  const RingImage::Record& record = *ring.record;
  const SiteLayout* const layout = session_.sites().find(record.head.site);
  if (layout == nullptr) return note_undecodable(ring);
  const std::vector<unsigned char>& args = ring.image->args();
  RecordView view{
      layout,        args.data(),        args.size(), clock_.utc_ns(ring.stamp), &clock_,
      &ring.context, ring.context.bytes, record.id,   &ring.image->thread()};
  if (layout->time_arg != SIZE_MAX) view.utc_ns = layout->given_time(view);
  bool makes_sense = true;
  for (const std::uint32_t slot : session_.clients().slots_of(record.head.client)) {
    const SessionClient* const client = client_in(slot);
    lacks_clients_ |= client == nullptr;
    makes_sense &= client != nullptr && !client->streams.empty() && add_call(*client, ring, view);
  }
  if (!makes_sense) note_undecodable(ring);
}

bool RingDrain::add_call(const SessionClient& client, const OpenRing& ring, RecordView view) {
  const RingImage::Record& record = *ring.record;
  Lane& lane = lane_of(client, ring);
  if (lanes_.have(client.slot, record.id)) return true;
  Encoder& encoder = encoder_of(client);
  const std::size_t bound = encoder.bound(view, kSlot);
  if (bound > kMaxMessageBytes) return false;
  if (bound > out_bytes_) {
    out_.reset();
    out_ = std::make_unique_for_overwrite<char[]>(bound);
    out_bytes_ = bound;
  }
  const char* const end = encoder.encode(out_.get(), view, kSlot);
  if (end == nullptr) return accounts_.note_filtered(client.slot);  // the format has no form of it
  const std::string_view text(out_.get(), static_cast<std::size_t>(end - out_.get()));
  const std::string lines = is_indented(client) ? indented_json(text) : "";
  lane.add(lines.empty() ? text : lines, record.id, Batch::Origin::kUser);
  last_utc_ns_ = std::max(last_utc_ns_, view.utc_ns);
  ++taken_;
  return true;
}

void RingDrain::note_undecodable(const OpenRing& ring) {
  ++undecodable_;
  undecodable_rings_.insert(ring.image->index());
}

void RingDrain::take_loss(OpenRing& ring) {
  LossMark mark;
  std::memcpy(&mark, ring.image->args().data(), sizeof mark);
  for (const std::uint32_t slot : session_.clients().slots_of(ring.record->head.client)) {
    const SessionClient* const client = client_in(slot);
    if (client != nullptr && !client->streams.empty()) add_loss(*client, ring, mark);
  }
}

void RingDrain::add_loss(const SessionClient& client, const OpenRing& ring, const LossMark& mark) {
  Lane& lane = lane_of(client, ring);
  if (lanes_.have(client.slot, ring.record->id)) return;
  const auto reason = static_cast<LossReason>(mark.reason % kLossReasonCount);
  const std::uint64_t count = accounts_.report(client.slot, reason, mark.count);
  if (count == 0) return;
  Notice notice =
      loss_of(reason, count, clock_.utc_ns(mark.first_stamp), clock_.utc_ns(mark.last_stamp));
  notice.record = ring.record->id;
  add(client, lane, notice);
}

void RingDrain::report_losses() {
  for (const DeadAccounts::Unreported& losses : accounts_.unreported()) {
    const SessionClient* const client = client_in(losses.slot);
    if (client == nullptr || client->streams.empty()) continue;
    const auto time_of = [&](std::uint64_t stamp, std::int64_t utc_ns) {
      return stamp != 0 ? clock_.utc_ns(stamp) : utc_ns != 0 ? utc_ns : clock_.base_ns;
    };
    const Notice notice =
        loss_of(losses.reason, losses.count, time_of(losses.first_stamp, losses.first_ns),
                time_of(losses.last_stamp, losses.last_ns));
    add(*client, lanes_.of(client->streams.front()), notice);
    (void)accounts_.report(losses.slot, losses.reason, losses.count);
  }
}

void RingDrain::report_death(const Death& death) {
  bool is_told = false;
  for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) {
    const SessionClient* client = session_.clients().in_slot(slot);
    const auto unknown = unknown_.find(slot);
    if (unknown != unknown_.end()) client = &unknown->second;
    if (client == nullptr || client->streams.empty()) continue;
    const bool has_messages =
        std::any_of(client->streams.begin(), client->streams.end(), [this](std::uint32_t stream) {
          const auto lane = lanes_.all().find(stream);
          return lane != lanes_.all().end() && lane->second->count() != 0;
        });
    if (has_messages) tell(*client, death);
    is_told |= has_messages;
  }
  const SessionClient* first = session_.clients().first();
  if (first == nullptr) first = client_in(0);
  if (!is_told && first != nullptr && !first->streams.empty()) tell(*first, death);
}

void RingDrain::report_purge(const std::string& app, std::uint64_t count) {
  const SessionClient* const client = session_.clients().first();
  if (client == nullptr) return;
  Lane& lane = lanes_.of(client->streams.front());
  if (lane.has(Lane::kPurge)) return;
  const std::string pid = std::to_string(session_.header().pid);
  const std::string number = std::to_string(count);
  const EngineMessage message{"metlog.loss",
                              "lost " + number + (count == 1 ? " message" : " messages") +
                                  ": purged; " + app + " (" + pid +
                                  ") died, and what the dead had left was above its limit of bytes",
                              {{"count", number, true},
                               {"reason", "purged"},
                               {"pid", pid, true},
                               {"program", app},
                               {"session", id_text(session_.id())}},
                              static_cast<int>(Severity::kWarning),
                              utc_now_ns()};
  add(*client, lane, message, Lane::kPurge);
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
  return {"metlog.death",
          death.app + " (" + pid + ") " + how + "; " + found +
              (death.found == 1 ? " message was" : " messages were") + " recovered",
          std::move(fields), static_cast<int>(Severity::kAlert), utc_now_ns()};
}

void RingDrain::add(const SessionClient& client, Lane& lane, const EngineMessage& message,
                    const RecordId& record) {
  const std::string text = encoded(client, message);
  if (!text.empty()) lane.add(text, record, Batch::Origin::kEngine);
}

void RingDrain::add(const SessionClient& client, Lane& lane, const Notice& notice) {
  const std::string text = encoded(client, loss_message(notice, id_text(session_.id())));
  if (!text.empty()) lane.add(text, notice);
}

std::string RingDrain::encoded(const SessionClient& client, const EngineMessage& message) {
  std::string text = encoder_of(client).encode(message, kSlot);
  return is_indented(client) ? indented_json(text) : text;
}

/// Returns the client in a slot; null when the session does not know it, unless there is a
/// destination for all.
const SessionClient* RingDrain::client_in(std::uint32_t slot) {
  const SessionClient* const client = session_.clients().in_slot(slot);
  if (client != nullptr || !lanes_.takes_unknown() || slot >= kClientSlots) return client;
  const auto [unknown, is_new] = unknown_.try_emplace(slot);
  if (is_new) {
    unknown->second.slot = slot;
    unknown->second.streams = {kFirstUnknownStream + slot};
  }
  return &unknown->second;
}

/// Makes the encoders know that client.
void RingDrain::prepare(const SessionClient& client) {
  const std::uint64_t sites = session_.sites().generation();
  if (&client == prepared_ && sites == prepared_sites_) return;
  prepared_ = &client;
  prepared_sites_ = sites;
  const ClientText text = text_of(client);
  has_layout_ = text.layout != nullptr;
  if (has_layout_) layouts_.set_client(kSlot, text);
  envelopes_.set_client(kSlot, text);
  lines_.set_client(kSlot, text);
}

Encoder& RingDrain::encoder_of(const SessionClient& client) {
  prepare(client);
  if (has_layout_) return layouts_;
  if (static_cast<MessageFormat>(client.format) == MessageFormat::kText) return lines_;
  return envelopes_;  // also for a format that a function of the program would make
}

}  // namespace metlog
