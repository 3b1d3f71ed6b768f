#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "metlog/internal/flush/delivery.h"
#include "metlog/internal/flush/timeline.h"

namespace metlog {

/// Reports in the clients' streams where the system clock was set, in a message of type
/// metlog.clock between the messages with the old and those with the new time. docs/wire.md has the
/// fields. Used by one thread at a time, under the flusher's mutex.
class ClockReporter {
 public:
  /// `session` is the session's id. Delivery outlives the reporter.
  ClockReporter(Delivery& delivery, std::string session)
      : delivery_(delivery), session_(std::move(session)) {}

  /// Makes the jump known to all clients; report() reports it.
  void add(const Timeline::Jump& jump);
  /// Reports jumps that the clients do not know yet, as far as there is room and a report can
  /// arrive.
  void report();

 private:
  [[nodiscard]] EngineMessage message_of(const Notice& jumps) const;

  Delivery& delivery_;
  const std::string session_;
};

}  // namespace metlog
