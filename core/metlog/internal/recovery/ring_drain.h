#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "metlog/internal/codec/envelope_encoder.h"
#include "metlog/internal/codec/text_encoder.h"
#include "metlog/internal/context/context_text.h"
#include "metlog/internal/recovery/dead_session.h"
#include "metlog/internal/recovery/lane.h"

namespace metlog {

/// Makes messages of what a dead process has left in its rings, as its flusher would have done, and
/// puts them into the lanes of their clients. Used by one thread.
class RingDrain {
 public:
  /// Both outlive this.
  RingDrain(DeadSession& session, Lanes& lanes);

  /// Takes all records, in the order of their time.
  void take_all();
  /// The messages of calls that came of it.
  [[nodiscard]] std::uint64_t taken() const { return taken_; }
  /// Records whose call site or client is not known.
  [[nodiscard]] std::uint64_t undecodable() const { return undecodable_; }

  struct Death {
    std::string app;
    int signal;  // 0 when it is not known
    std::uint64_t found;
  };
  /// Puts a metlog.death message into the first stream of each client that has left messages, or of
  /// the first client when none has.
  void report_death(const Death& death);

 private:
  /// A ring and what its thread's records mean.
  struct OpenRing {
    RingImage* image;
    std::optional<RingImage::Record> record;  // the next one
    ContextText context;
    std::uint64_t stamp = 0;      // of the last record that had one
    OpenRing* follows = nullptr;  // read only once that one is done
  };

  static void note_order(std::vector<OpenRing>& rings);
  static void note_stamp(OpenRing& ring);
  static OpenRing* oldest_of(std::vector<OpenRing>& rings);
  void take(OpenRing& ring, std::vector<OpenRing>& rings);
  void take_call(OpenRing& ring);
  void take_loss(OpenRing& ring);
  void tell(const SessionClient& client, const Death& death);
  [[nodiscard]] EngineMessage message_of(const Death& death) const;
  void add(const SessionClient& client, Lane& lane, const EngineMessage& message,
           const RecordId& record);
  const SessionClient* prepare(std::uint32_t slot);
  Encoder& encoder_of(const SessionClient& client);
  static std::string formatted(const SessionClient& client, std::string message);

  DeadSession& session_;
  Lanes& lanes_;
  const ClockLine clock_;
  EnvelopeEncoder envelopes_;
  TextEncoder lines_;
  std::set<std::uint32_t> is_known_;  // slots, to the encoders
  std::int64_t last_utc_ns_ = 0;      // of a call; 0 for none
  std::uint64_t taken_ = 0;
  std::uint64_t undecodable_ = 0;
};

}  // namespace metlog
