#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "metlog/formatter.h"
#include "metlog/internal/base/clock.h"
#include "metlog/internal/base/fair_mutex.h"
#include "metlog/internal/codec/envelope_encoder.h"
#include "metlog/internal/codec/text_encoder.h"
#include "metlog/internal/emit/ring_set.h"
#include "metlog/internal/filter/filter_chain.h"
#include "metlog/internal/flush/checkpoint.h"
#include "metlog/internal/flush/destination.h"
#include "metlog/internal/flush/formatting.h"
#include "metlog/internal/flush/time_merge.h"
#include "metlog/internal/ring/control_record.h"

namespace metlog {

/// Drains all rings in the order of their time stamps, encodes what it finds and hands it to the
/// destinations. step() does one round; the engine's thread, a test or a foreign event loop calls
/// it. Everything else may be called from any thread.
///
/// Order: kept per thread; across threads by time within one round, so a record that was being
/// written when its ring was looked at may come up to a round later than its stamp says.
class Flusher {
 public:
  struct Parts {
    RingSet* rings;
    Clock* clock;
    ProcessText process;
    std::string session;  // its id, as metlog.loss messages carry it
  };

  explicit Flusher(const Parts& parts);

  /// One round; true when it did anything. One thread at a time.
  bool step();

  /// A client as its messages show it.
  struct ClientSetup {
    ClientText text;
    Formatter format = MessageFormat::kJson;
    std::vector<Filter> filters = {};
  };
  /// Introduces a client; its slot holds no other.
  void add_client(std::uint32_t slot, ClientSetup form, std::unique_ptr<Destination> destination);
  /// Takes a client out, once its gate is closed (null when it was never introduced): tells the
  /// stream of its last losses and hands over what is left. Records of it that are still in the
  /// rings are skipped from now on.
  /// Its destination is still asked what became of its messages until forget_client().
  Destination* remove_client(std::uint32_t slot);
  /// The destination of a client that was removed, whose lanes have been stopped.
  std::unique_ptr<Destination> forget_client(std::uint32_t slot);

  /// Gives a client another form and destination: what is visible in the rings goes to the old one,
  /// everything later to the new, and the account goes on. Returns the old one, so that its lanes
  /// are stopped, which then is to be told by settle_client(); null when there is none.
  Destination* replace_client(std::uint32_t slot, ClientSetup form,
                              std::unique_ptr<Destination> destination);
  void settle_client(std::uint32_t slot);

  /// What became of a client's messages so far.
  [[nodiscard]] Ledger ledger(std::uint32_t slot) const;

  /// What a tick was in the last round.
  [[nodiscard]] ClockLine clock_line() const;
  /// The number of the round that is under way or was the last.
  [[nodiscard]] std::uint64_t round() const;
  /// Everything emitted before this round began has left the rings.
  [[nodiscard]] std::uint64_t drained_round() const;
  /// What has been offered to a client's lanes so far.
  [[nodiscard]] Destination::Offered offered(std::uint32_t slot) const;
  /// Whether all that offered() told has been sent or lost.
  [[nodiscard]] bool has_done(std::uint32_t slot, const Destination::Offered& offered) const;

 private:
  /// Messages of one client that were lost for one reason, as the stream is told of them.
  struct Loss {
    std::uint32_t slot;
    LossReason reason;
    std::uint64_t count;
    std::int64_t first_ns;
    std::int64_t last_ns;
    std::vector<EngineField> detail;  // more fields
  };

  /// What one look at all rings did.
  struct Drained {
    bool worked = false;
    bool everything = true;  // no record was left behind
  };
  Drained drain();
  std::int64_t take_time(const TimeMerge::Entry& found) const;
  bool take_call(const TimeMerge::Entry& found, const RecordHeader& head);
  bool deliver(const RecordView& record, std::uint32_t slot, std::size_t lane_key);
  bool deliver_filtered(const RecordView& record, std::uint32_t slot, std::size_t lane_key);
  bool give_up(std::uint32_t slot);
  static bool put_text(const std::string& text, Destination& destination, std::size_t lane_key,
                       Batch::Origin origin);
  void put_formatted(std::string_view envelope, std::int64_t utc_ns, std::uint32_t slot,
                     std::size_t lane_key);
  std::string text_of(const EngineMessage& message, std::uint32_t slot);
  bool take_control(LiveRing& ring, const RecordHeader& head);
  bool take_loss_mark(LiveRing& ring, const RecordHeader& head);
  [[nodiscard]] bool others_wait_for(std::uint32_t slot) const;
  bool report_loss(const Loss& loss, std::size_t lane_key);
  void report_queue_losses(std::uint32_t slot);
  void report_caller_losses(std::uint32_t slot);
  bool report_pending_losses(LiveRing& ring);
  void install(std::uint32_t slot, ClientSetup form, std::unique_ptr<Destination> destination);
  void retire_orphans();
  void settle();
  [[nodiscard]] const Destination* account_of(std::uint32_t slot) const;

  RingSet& rings_;
  Clock& clock_;
  const std::string session_;

  // Held for a whole step. Fair, or the steps of a busy engine whose filters take their time would
  // keep out whoever configures, closes or asks.
  mutable FairMutex mutex_;
  SitePlans plans_;
  EnvelopeEncoder envelopes_;
  TextEncoder lines_;
  std::array<Encoder*, kClientSlots> encoders_{};                   // of these two, by slot
  std::array<std::unique_ptr<FilterChain>, kClientSlots> filters_;  // null for a client without
  // Null for formats that an encoder writes; clients that have one have a FilterChain, if an empty
  // one.
  std::array<std::unique_ptr<Formatting>, kClientSlots> formattings_;
  std::array<std::unique_ptr<Destination>, kClientSlots> destinations_;
  std::array<std::unique_ptr<Destination>, kClientSlots> removed_;  // until forget_client()
  std::size_t client_count_ = 0;
  ClockLine line_;
  TimeMerge merge_;
  Checkpoint checkpoint_;
  std::vector<unsigned char> gathered_;  // a record's arguments, when it has several cells

  std::atomic<std::uint64_t> round_{0};
  std::atomic<std::uint64_t> drained_round_{0};
};

}  // namespace metlog
