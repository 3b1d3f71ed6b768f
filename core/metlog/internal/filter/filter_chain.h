#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "metlog/filter.h"
#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/codec/envelope_reader.h"

namespace metlog {

/// A client's filters at work behind the rings. Those before the first of the user's need type and
/// severity alone, which the record tells; for the others the message is read. Used by the flusher.
class FilterChain {
 public:
  FilterChain(std::vector<Filter> filters, ClientText client);

  /// Whether one of the leading filters drops the record.
  [[nodiscard]] bool drops_unread(const RecordView& record);

  /// Whether there are others, which run() asks.
  [[nodiscard]] bool has_readers() const { return leading_ != filters_.size(); }
  enum class Verdict : std::uint8_t { kPassed, kChanged, kDropped, kFailed };
  /// Shows the message of this envelope to them, one after the other.
  Verdict run(std::string_view envelope, std::int64_t utc_ns);
  /// As they have left it; after kChanged.
  [[nodiscard]] const Message& message() const { return message_; }

 private:
  const std::vector<Filter> filters_;
  const std::size_t leading_;  // how many of them come before the first of the user's
  const ClientText client_;
  EnvelopeReader reader_;
  Message message_;
  std::vector<ArgBytes> args_;  // of the record at hand
};

}  // namespace metlog
