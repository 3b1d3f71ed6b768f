#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "metlog/codec/encoder.h"
#include "metlog/codec/envelope_head.h"
#include "metlog/codec/log_text.h"
#include "metlog/codec/record_view.h"
#include "metlog/codec/site_plan.h"
#include "metlog/codec/timestamp_text.h"

namespace metlog {

/// Renders records as the reference's envelope: one JSON object with its nine keys, no blanks.
/// Used by one thread: the flusher.
class EnvelopeEncoder final : public Encoder {
 public:
  /// `plans` may be shared with other encoders, and outlives this one.
  EnvelopeEncoder(SitePlans& plans, const ProcessText& process);

  void set_client(std::uint32_t slot, ClientText text) override {
    head_.set_client(slot, std::move(text));
  }
  [[nodiscard]] std::size_t bound(const RecordView& record, std::uint32_t slot) override;
  char* encode(char* out, const RecordView& record, std::uint32_t slot) override;
  [[nodiscard]] std::string encode(const EngineMessage& message, std::uint32_t slot) override;
  [[nodiscard]] std::string encode(const Message& message) override;

 private:
  char* append_payload(char* out, const SitePlan& plan, const RecordView& record);
  char* append_metric(char* out, const SitePlan& plan, const RecordView& record);
  char* append_fields(char* out, const SitePlan& plan);
  char* append_metric_fields(char* out, const SitePlan& plan);

  TimerResolution timers_ = TimerResolution::kNanoseconds;  // of the client at hand
  SitePlans& plans_;
  EnvelopeHead head_;
  LogText<JsonLogForm> log_text_;
  TimestampText timestamp_;
  std::vector<ArgBytes> args_;  // of the record at hand
};

}  // namespace metlog
