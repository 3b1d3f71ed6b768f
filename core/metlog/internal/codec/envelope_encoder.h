#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/codec/encoder.h"
#include "metlog/internal/codec/envelope_head.h"
#include "metlog/internal/codec/log_text.h"
#include "metlog/internal/codec/record_view.h"
#include "metlog/internal/text/timestamp_text.h"

namespace metlog {

/// Renders records as the reference's envelope: one JSON object with its nine keys, no blanks.
/// Used by one thread: the flusher.
class EnvelopeEncoder final : public Encoder {
 public:
  explicit EnvelopeEncoder(const ProcessText& process) : head_(process) {}

  void set_client(std::uint32_t slot, ClientText text) override;
  char* encode(char* out, const RecordView& record, std::uint32_t slot) override;
  [[nodiscard]] std::string encode(const EngineMessage& message, std::uint32_t slot) override;
  [[nodiscard]] std::string encode(const Message& message) override;

 private:
  char* append_payload(char* out, const SitePlan& plan, const RecordView& record);
  char* append_metric(char* out, const SitePlan& plan, const RecordView& record);
  char* append_fields(char* out, const SitePlan& plan);
  char* append_metric_fields(char* out, const SitePlan& plan);

  TimerResolution timers_ = TimerResolution::kNanoseconds;  // of the client at hand
  EnvelopeHead head_;
  LogText<JsonLogForm> log_text_;
  TimestampText timestamp_;
  std::vector<ArgBytes> args_;  // of the record at hand
};

}  // namespace metlog
