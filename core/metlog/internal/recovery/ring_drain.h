#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "metlog/internal/codec/envelope_encoder.h"
#include "metlog/internal/codec/layout_encoder.h"
#include "metlog/internal/codec/text_encoder.h"
#include "metlog/internal/context/context_text.h"
#include "metlog/internal/recovery/dead_accounts.h"
#include "metlog/internal/recovery/dead_session.h"
#include "metlog/internal/recovery/lane.h"

namespace metlog {

/// Makes messages of what a dead process has left in its rings, as its flusher would have done, and
/// puts them into the lanes of their clients. Used by one thread.
class RingDrain {
 public:
  /// All outlive this.
  RingDrain(DeadSession& session, DeadAccounts& accounts, Lanes& lanes);

  /// Takes all records, in the order of their time.
  void take_all();
  /// The messages of calls that came of it.
  [[nodiscard]] std::uint64_t taken() const { return taken_; }
  /// Records whose call site or client is not known.
  [[nodiscard]] std::uint64_t undecodable() const { return undecodable_; }
  /// True when the client was what is not known: a destination for all would take its messages.
  [[nodiscard]] bool lacks_clients() const { return lacks_clients_; }
  /// True when the ring holds such a record: it must stay as it is.
  [[nodiscard]] bool is_undecodable(std::uint32_t ring) const {
    return undecodable_rings_.count(ring) != 0;
  }

  /// Puts a metlog.loss message for what no message has reported into the first stream of each
  /// client that is concerned.
  void report_losses();

  struct Death {
    std::string app;
    int signal;  // 0 when it is not known
    std::uint64_t found;
  };
  /// Puts a metlog.death message into the first stream of each client that has left messages, or of
  /// the first client when none has.
  void report_death(const Death& death);
  /// Puts a metlog.loss message into the first stream of the first client: the process `app` died,
  /// and `count` messages that it left were thrown away.
  void report_purge(const std::string& app, std::uint64_t count);

 private:
  /// A ring and what its thread's records mean.
  struct OpenRing {
    RingImage* image;
    std::optional<RingImage::Record> record;  // the next one
    ContextText context;
    std::uint64_t stamp = 0;      // of the last record that had one
    std::uint64_t queue_key = 0;  // of the thread, which keeps that of its first ring
    OpenRing* follows = nullptr;  // read only once that one is done
  };

  void note_order(std::vector<OpenRing>& rings);
  static void note_stamp(OpenRing& ring);
  static OpenRing* oldest_of(std::vector<OpenRing>& rings);
  void take(OpenRing& ring, std::vector<OpenRing>& rings);
  void take_call(OpenRing& ring);
  /// Adds the message of a call to one of its client's destinations. False when it makes no sense.
  bool add_call(const SessionClient& client, const OpenRing& ring, RecordView record);
  void take_loss(OpenRing& ring);
  void add_loss(const SessionClient& client, const OpenRing& ring, const LossMark& mark);
  Lane& lane_of(const SessionClient& client, const OpenRing& ring);
  void tell(const SessionClient& client, const Death& death);
  [[nodiscard]] EngineMessage message_of(const Death& death) const;
  void add(const SessionClient& client, Lane& lane, const EngineMessage& message,
           const RecordId& record);
  void add(const SessionClient& client, Lane& lane, const Notice& notice);
  std::string encoded(const SessionClient& client, const EngineMessage& message);
  void note_undecodable(const OpenRing& ring);
  const SessionClient* client_in(std::uint32_t slot);
  void prepare(const SessionClient& client);
  Encoder& encoder_of(const SessionClient& client);

  DeadSession& session_;
  DeadAccounts& accounts_;
  Lanes& lanes_;
  const ClockLine clock_;
  EnvelopeEncoder envelopes_;
  TextEncoder lines_;
  LayoutEncoder layouts_;
  // The encoders know one client at a time, in this slot: what they remember by client and site
  // would otherwise grow with the product of both.
  static constexpr std::uint32_t kSlot = 0;
  const SessionClient* prepared_ = nullptr;
  bool has_layout_ = false;                         // of prepared_
  std::uint64_t prepared_sites_ = 0;                // SiteTable::generation()
  std::map<std::uint32_t, SessionClient> unknown_;  // by slot
  std::map<std::uint64_t, std::size_t> ring_at_;    // of take_all(), by index
  std::unique_ptr<char[]> out_;                     // of a message; not touched before it is
  std::size_t out_bytes_ = 0;
  std::set<std::uint32_t> undecodable_rings_;
  bool lacks_clients_ = false;
  std::int64_t last_utc_ns_ = 0;  // of a call; 0 for none
  std::uint64_t taken_ = 0;
  std::uint64_t undecodable_ = 0;
};

}  // namespace metlog
