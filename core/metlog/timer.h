#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "metlog/client.h"

namespace metlog {

/// A running timer, see Client::timer(). Used by one thread.
class Timer {
 public:
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { stop(); }

  /// Sends now; the destructor then does nothing. Returns the time in whole milliseconds, rounded;
  /// 0 when this call is not sampled or the timer was stopped before.
  std::int64_t stop();
  /// The result of the first stop(). Empty before, and always when the timer is disabled or this
  /// call is not sampled.
  [[nodiscard]] std::optional<std::int64_t> result() const { return result_; }

 private:
  friend class Client;

  Timer(Client* client, std::string_view name, const CallOptions& options);

  Client* client_;  // null once sent, or when this call is not sampled
  std::optional<std::int64_t> result_;
  std::string name_;
  std::string logger_;
  std::string fields_;  // encoded
  bool fields_fit_ = true;
  CallOptions options_;
  std::uint64_t start_ticks_ = 0;
};

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
