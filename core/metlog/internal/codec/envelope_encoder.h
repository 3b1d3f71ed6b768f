#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/codec/encoder.h"
#include "metlog/internal/codec/log_text.h"
#include "metlog/internal/codec/prefix_cache.h"
#include "metlog/internal/text/timestamp_text.h"

namespace metlog {

/// What is the same for all messages of a process.
struct ProcessText {
  std::int64_t pid;
  std::string hostname;
};

/// The beginning of envelopes, up to and with the quote before the time stamp. Used by one thread.
class EnvelopePrefix {
 public:
  explicit EnvelopePrefix(const ProcessText& process);

  /// Introduces the client that a slot stands for from now on.
  void set_client(std::uint32_t slot, ClientText text) { cache_.set_client(slot, std::move(text)); }
  [[nodiscard]] const ClientText& client(std::uint32_t slot) const { return cache_.client(slot); }

  /// Of a record with these arguments, which are looked at only if the head is the record's own;
  /// `out` has room for what Encoder::bound() says.
  char* append(char* out, const SiteLayout& plan, const std::vector<ArgBytes>& args,
               std::uint32_t slot) {
    const auto render_here = [&] { return render(out, plan, args, slot); };
    if (plan.has_own_prefix) return render_here();
    return cache_.append(out, plan, slot, render_here);
  }
  /// What of a head is the same for all: part of Encoder::bound().
  [[nodiscard]] std::size_t constant_bytes() const { return tail_.size(); }
  [[nodiscard]] std::string make(const MessageOrigin& origin) const;

 private:
  char* render(char* out, const SiteLayout& plan, const std::vector<ArgBytes>& args,
               std::uint32_t slot);
  char* append(char* out, const MessageOrigin& origin) const;

  std::string tail_;  // behind the severity
  PrefixCache cache_;
};

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
  char* append_payload(char* out, const SiteLayout& plan, const RecordView& record);
  char* append_metric(char* out, const SiteLayout& plan, const RecordView& record);
  char* append_fields(char* out, const SiteLayout& plan);
  char* append_metric_fields(char* out, const SiteLayout& plan);

  TimerResolution timers_ = TimerResolution::kNanoseconds;  // of the client at hand
  EnvelopePrefix head_;
  LogText<JsonLogForm> log_text_;
  TimestampText timestamp_;
  std::vector<ArgBytes> args_;  // of the record at hand
};

}  // namespace metlog
