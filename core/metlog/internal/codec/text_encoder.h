#pragma once

#include <string>
#include <vector>

#include "metlog/internal/codec/encoder.h"
#include "metlog/internal/codec/log_text.h"
#include "metlog/internal/codec/prefix_cache.h"
#include "metlog/internal/text/timestamp_text.h"
#include "metlog/internal/text/value_text.h"

namespace metlog {

/// What stands behind the time stamp of a text line and before its payload: severity, logger, and
/// of all but log calls what the message is. `_INFO___shop:_`, `_INFO___shop:_counter_orders`. Used
/// by one thread.
class LinePrefix {
 public:
  /// Introduces the client that a slot stands for from now on.
  void set_client(std::uint32_t slot, ClientText text) { cache_.set_client(slot, std::move(text)); }
  [[nodiscard]] const ClientText& client(std::uint32_t slot) const { return cache_.client(slot); }

  /// Of a record with these arguments, which are looked at only if the head is the record's own;
  /// `out` has room for what Encoder::bound() says.
  char* append(char* out, const SiteLayout& plan, const std::vector<ArgBytes>& args,
               std::uint32_t slot) {
    const auto render_here = [&] { return render(out, plan, args, slot); };
    if (plan.has_own_prefix || plan.name_arg != SIZE_MAX) return render_here();
    return cache_.append(out, plan, slot, render_here);
  }
  /// Without the name of a counter or timer.
  [[nodiscard]] static std::string make(const MessageOrigin& origin);

 private:
  char* render(char* out, const SiteLayout& plan, const std::vector<ArgBytes>& args,
               std::uint32_t slot);
  PrefixCache cache_;
};

/// Renders records as lines for humans: time, severity, logger, text, fields. docs/wire.md has the
/// form; no message holds a control character.
class TextEncoder final : public Encoder {
 public:
  void set_client(std::uint32_t slot, ClientText text) override;
  char* encode(char* out, const RecordView& record, std::uint32_t slot) override;
  [[nodiscard]] std::string encode(const EngineMessage& message, std::uint32_t slot) override;
  [[nodiscard]] std::string encode(const Message& message) override;

 private:
  char* append_payload(char* out, const SiteLayout& plan, const RecordView& record);
  char* append_fields(char* out, const SiteLayout& plan);
  char* append_field_list(char* out, const SiteLayout& plan, const ArgBytes& bytes);
  char* append_value(char* out, std::string_view code, ByteCursor& bytes);

  TimerResolution timers_ = TimerResolution::kNanoseconds;  // of the client at hand
  LinePrefix head_;
  LogText<LineLogForm> log_text_;
  TimestampText timestamp_;
  std::vector<ArgBytes> args_;   // of the record at hand
  std::vector<char> composite_;  // a value as JSON, before it goes into the line
};

}  // namespace metlog
