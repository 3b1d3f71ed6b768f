#pragma once

#include <string>
#include <vector>

#include "metlog/internal/codec/additions.h"
#include "metlog/internal/codec/encoder.h"
#include "metlog/internal/codec/field_writer.h"
#include "metlog/internal/codec/text_body.h"
#include "metlog/internal/text/timestamp_text.h"

namespace metlog {

/// The part of a line between the time stamp and the payload: severity and logger, and the type
/// unless it is a log call, and a metric's name. `_INFO___shop:`, `_INFO___shop:_counter_orders`,
/// with spaces for underscores.
class LinePrefix : public PrefixCache<LinePrefix> {
 public:
  static bool is_per_record(const SiteLayout& layout) {
    return layout.overrides_origin || layout.name_arg != SIZE_MAX;
  }
  char* render(char* out, const SiteLayout& layout, const std::vector<ArgBytes>& args,
               const ClientText& client) const;
  /// Returns the prefix without a metric's name.
  [[nodiscard]] static std::string make(const MessageOrigin& origin);
};

/// Renders records as lines for humans: time, severity, logger, text, fields. docs/wire.md
/// describes them. No message contains an unprintable character. Used by one thread: the flusher.
class TextEncoder final : public Encoder {
 public:
  explicit TextEncoder(const ProcessText& process = {0, ""}) : additions_(process) {}

  void set_client(std::uint32_t slot, ClientText text) override;
  char* encode(char* out, const RecordView& record, std::uint32_t slot) override;
  [[nodiscard]] std::string encode(const EngineMessage& message, std::uint32_t slot) override;
  [[nodiscard]] std::string encode(const Message& message, std::uint32_t slot) override;

 private:
  LinePrefix prefix_;
  Additions additions_;
  TextBody<LineEscaping> body_;
  FieldWriter<LineFields> field_writer_;
  TimestampText timestamp_;
  std::vector<ArgBytes> args_;  // of the current record
};

}  // namespace metlog
