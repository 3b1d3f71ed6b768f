#pragma once

#include <string>
#include <vector>

#include "metlog/internal/codec/encoder.h"
#include "metlog/internal/codec/format_writer.h"
#include "metlog/internal/text/timestamp_text.h"
#include "metlog/internal/text/value_text.h"
#include "metlog/internal/text/written_members.h"

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
  void set_client(std::uint32_t slot, ClientText text) override;
  char* encode(char* out, const RecordView& record, std::uint32_t slot) override;
  [[nodiscard]] std::string encode(const EngineMessage& message, std::uint32_t slot) override;
  [[nodiscard]] std::string encode(const Message& message) override;

 private:
  char* append_payload(char* out, const SiteLayout& layout, const RecordView& record);
  char* append_fields(char* out, const SiteLayout& layout);
  char* append_field_list(char* out, const SiteLayout& layout, const ArgBytes& bytes,
                          WrittenMembers& members);
  char* append_value(char* out, std::string_view code, ByteCursor& bytes);

  TimerResolution timers_ = TimerResolution::kNanoseconds;  // of the current client
  LinePrefix prefix_;
  FormatWriter<LineEscaping> format_writer_;
  TimestampText timestamp_;
  std::vector<ArgBytes> args_;   // of the current record
  std::vector<char> composite_;  // a value as JSON before it is escaped for the line
};

}  // namespace metlog
