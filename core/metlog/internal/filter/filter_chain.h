#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "metlog/filter.h"
#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/codec/envelope_reader.h"
#include "metlog/severity.h"

namespace metlog {

/// Runs a client's filters in the flusher. Those before the first function need only the type and
/// severity, which the record has; for the others the message is parsed from its envelope. Used by
/// one thread at a time.
class FilterChain {
 public:
  /// Messages that are less severe than `level` are dropped before the first filter.
  FilterChain(std::vector<Filter> filters, ClientText client, Severity level = Severity::kTrace);

  /// True when the level or one of the leading filters drops the record, or the client's format has
  /// no form of it.
  [[nodiscard]] bool drops_unread(const RecordView& record);

  /// True when there are other filters, which run() calls.
  [[nodiscard]] bool has_readers() const { return leading_ != filters_.size(); }
  enum class Verdict : std::uint8_t { kPassed, kChanged, kDropped, kFailed };
  /// Calls them one after the other with the message of this envelope, which comes from `source`.
  Verdict run(std::string_view envelope, std::int64_t utc_ns, MessageSource source);
  /// Returns the message as they changed it; after kChanged.
  [[nodiscard]] const Message& message() const { return message_; }

 private:
  const std::vector<Filter> filters_;
  const std::size_t leading_;  // how many come before the first function
  const ClientText client_;
  const Severity level_;
  EnvelopeReader reader_;
  Message message_;
  std::vector<ArgBytes> args_;  // of the record at hand
};

}  // namespace metlog
