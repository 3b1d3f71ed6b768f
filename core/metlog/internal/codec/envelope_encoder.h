#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "metlog/internal/codec/additions.h"
#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/codec/encoder.h"
#include "metlog/internal/codec/field_writer.h"
#include "metlog/internal/codec/format_writer.h"
#include "metlog/internal/text/timestamp_text.h"

namespace metlog {

/// The beginning of an envelope, up to the time stamp: `{"type":"oldstyle",.. ,"timestamp":"`.
class EnvelopePrefix : public PrefixCache<EnvelopePrefix> {
 public:
  explicit EnvelopePrefix(const ProcessText& process);

  static bool is_per_record(const SiteLayout& layout) { return layout.overrides_origin; }
  char* render(char* out, const SiteLayout& layout, const std::vector<ArgBytes>& args,
               const ClientText& client) const;
  [[nodiscard]] std::string make(const MessageOrigin& origin) const;
  /// Returns the bytes that are the same in all prefixes, a part of Encoder::bound().
  [[nodiscard]] std::size_t constant_bytes() const { return tail_.size(); }

 private:
  char* append_origin(char* out, const MessageOrigin& origin) const;

  std::string tail_;  // after the severity
};

/// Renders records as the reference's envelope: one JSON object with nine keys and no whitespace.
/// Used by one thread: the flusher.
class EnvelopeEncoder final : public Encoder {
 public:
  explicit EnvelopeEncoder(const ProcessText& process) : prefix_(process), additions_(process) {}

  void set_client(std::uint32_t slot, ClientText text) override;
  char* encode(char* out, const RecordView& record, std::uint32_t slot) override;
  [[nodiscard]] std::string encode(const EngineMessage& message, std::uint32_t slot) override;
  [[nodiscard]] std::string encode(const Message& message, std::uint32_t slot) override;

 private:
  char* append_payload(char* out, const SiteLayout& layout, const RecordView& record);
  char* append_metric(char* out, const SiteLayout& layout, const RecordView& record);
  char* append_number(char* out, const SiteLayout& layout, const RecordView& record);
  char* append_fields(char* out, const SiteLayout& layout);
  char* append_metric_fields(char* out, const SiteLayout& layout);

  TimerResolution timers_ = TimerResolution::kNanoseconds;  // of the current client
  bool has_numbers_ = false;                                // of the current client
  EnvelopePrefix prefix_;
  Additions additions_;
  FormatWriter<JsonEscaping> format_writer_;
  FieldWriter<EnvelopeFields> field_writer_;
  TimestampText timestamp_;
  std::vector<ArgBytes> args_;  // of the current record
};

}  // namespace metlog
