#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metlog/formatter.h"
#include "metlog/internal/codec/encoder.h"
#include "metlog/internal/codec/envelope_reader.h"
#include "metlog/internal/filter/filter_chain.h"
#include "metlog/internal/flush/destination.h"
#include "metlog/severity.h"

namespace metlog {

/// Formats messages from their envelopes, for the formats that no encoder writes: indented JSON and
/// formatter functions. Used by one thread at a time.
class EnvelopeFormatter {
 public:
  /// True when no encoder writes this format.
  static bool is_for(const Formatter& formatter) {
    return formatter.format() == MessageFormat::kIndented ||
           formatter.format() == MessageFormat::kOwn;
  }

  explicit EnvelopeFormatter(Formatter formatter) : formatter_(std::move(formatter)) {}

  /// Returns the formatted message; nothing when the formatter function throws.
  std::optional<std::string> format(std::string_view envelope, std::int64_t utc_ns,
                                    MessageSource source);

 private:
  const Formatter formatter_;
  EnvelopeReader reader_;
};

/// Destinations of one client.
inline constexpr std::size_t kMaxDestinations = 16;

/// A client as its messages show it: what it adds to them, their format, and the filters they pass.
struct ClientSetup {
  ClientText text;
  Formatter format = MessageFormat::kJson;
  std::vector<Filter> filters = {};
  bool is_stamped_here = false;                // StampedBy::kFlusher
  std::chrono::nanoseconds stats_interval{0};  // 0 for no metlog.stats
  Severity level = Severity::kTrace;           // of this destination: less severe ones do not pass
  bool is_waited_for = false;                  // WhenFull::kBlock of this destination
  /// The slots of the client's further destinations. They have arrived before it.
  std::vector<std::uint32_t> others = {};
};

/// The way of a client's messages to one destination. Used by one thread at a time, under the
/// flusher's mutex, but for what is atomic.
struct DeliveryClient {
  /// A client that is new.
  struct Arrival {
    ClientSetup setup;
    std::unique_ptr<Destination> destination;
  };

  /// True when a message is what the encoder writes.
  [[nodiscard]] bool is_plain() const {
    return formatter == nullptr && (filters == nullptr || !filters->has_readers());
  }

  Encoder* encoder = nullptr;                    // one of those of Delivery
  std::unique_ptr<FilterChain> filters;          // not null when there is a formatter
  std::unique_ptr<EnvelopeFormatter> formatter;  // null for formats that an encoder writes
  std::unique_ptr<Destination> destination;
  std::unique_ptr<Destination> removed;         // until Delivery::forget()
  std::unique_ptr<Arrival> arrival;             // until Delivery::accept()
  std::atomic<bool> has_lost_callbacks{false};  // see Delivery::end_callbacks()
  bool is_never_left = false;                   // see Delivery::give_up_callbacks()
  bool is_stamped_here = false;
  std::chrono::nanoseconds stats_interval{0};
  std::atomic<bool> is_waited_for{false};  // of several destinations
  Formatter format = MessageFormat::kJson;
};

using DeliveryClients = std::array<DeliveryClient, kClientSlots>;

}  // namespace metlog
