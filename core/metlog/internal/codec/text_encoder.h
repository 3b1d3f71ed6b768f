#pragma once

#include <vector>

#include "metlog/internal/codec/encoder.h"
#include "metlog/internal/codec/line_head.h"
#include "metlog/internal/codec/log_text.h"
#include "metlog/internal/text/timestamp_text.h"
#include "metlog/internal/text/value_text.h"

namespace metlog {

/// Renders records as lines for humans: time, severity, logger, text, fields. docs/wire.md has the
/// form; no message holds a control character.
class TextEncoder final : public Encoder {
 public:
  void set_client(std::uint32_t slot, ClientText text) override;
  char* encode(char* out, const RecordView& record, std::uint32_t slot) override;
  [[nodiscard]] std::string encode(const EngineMessage& message, std::uint32_t slot) override;
  [[nodiscard]] std::string encode(const Message& message) override;

 private:
  char* append_payload(char* out, const SitePlan& plan, const RecordView& record);
  char* append_fields(char* out, const SitePlan& plan);
  char* append_field_list(char* out, const SitePlan& plan, const ArgBytes& bytes);
  char* append_value(char* out, std::string_view code, ByteCursor& bytes);

  TimerResolution timers_ = TimerResolution::kNanoseconds;  // of the client at hand
  LineHead head_;
  LogText<LineLogForm> log_text_;
  TimestampText timestamp_;
  std::vector<ArgBytes> args_;   // of the record at hand
  std::vector<char> composite_;  // a value as JSON, before it goes into the line
};

}  // namespace metlog
