#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "metlog/codec/envelope_head.h"
#include "metlog/codec/log_text.h"
#include "metlog/codec/record_view.h"
#include "metlog/codec/site_plan.h"
#include "metlog/codec/timestamp_text.h"

namespace metlog {

/// Timer payloads: milliseconds with six decimals, or whole ones as the reference has them.
enum class TimerResolution : std::uint8_t { kNanoseconds, kMilliseconds };

/// A message of the engine's own about a client: metlog.loss, metlog.stats.
struct EngineMessage {
  std::string_view type;
  std::string payload;
  std::string fields;  // JSON, without the braces
  int severity;
  std::int64_t utc_ns;
};

/// Renders records as the reference's envelope: one JSON object with its nine keys, no blanks.
/// Used by one thread: the flusher.
class EnvelopeEncoder {
 public:
  explicit EnvelopeEncoder(const ProcessText& process,
                           TimerResolution timers = TimerResolution::kNanoseconds);

  /// Introduces the client that a slot stands for from now on.
  void set_client(std::uint32_t slot, ClientText text) { head_.set_client(slot, std::move(text)); }

  /// Bytes that encode() needs at most for this record.
  [[nodiscard]] std::size_t bound(const RecordView& record, std::uint32_t slot);
  /// Writes the message and returns its end. The slot's client has been introduced.
  char* encode(char* out, const RecordView& record, std::uint32_t slot);

  /// A message of the engine's own, whole; for the cold path.
  [[nodiscard]] std::string encode(const EngineMessage& message, std::uint32_t slot);

 private:
  const SitePlan& plan_of(const RegisteredSite& site);
  char* append_payload(char* out, const SitePlan& plan, const RecordView& record);
  char* append_metric(char* out, const SitePlan& plan, const RecordView& record);
  char* append_fields(char* out, const SitePlan& plan);
  char* append_metric_fields(char* out, const SitePlan& plan);

  const TimerResolution timers_;
  EnvelopeHead head_;
  LogText log_text_;
  TimestampText timestamp_;
  std::vector<std::unique_ptr<SitePlan>> plans_;  // by site
  std::vector<ArgBytes> args_;                    // of the record at hand
};

}  // namespace metlog
