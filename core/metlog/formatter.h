#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "metlog/message.h"

namespace metlog {

/// A format of messages; docs/wire.md describes all but the last.
enum class MessageFormat : std::uint8_t {
  kJson,      // the reference's envelope
  kText,      // a line for humans
  kIndented,  // the envelope for humans, several lines of ASCII
  kOwn,       // made by a function, see Formatter
};

/// The format of a client's messages: one of MessageFormat, or a function.
class Formatter {
 public:
  /// Returns the bytes to send for a message, which is given parsed and as the envelope, compact
  /// JSON. They are sent unchanged; files and streams add a newline. Runs on the flusher's thread,
  /// or on a thread that closes or reconfigures a client, under the flusher's lock: it may make
  /// any call. A client that blocks when its ring is full drops here, flush() returns false, and
  /// open(), reconfigure() and close() are refused: they would wait for this function. May be
  /// called more than once for a message. If it throws, the message is lost as `formatter_failed`.
  using Function = std::function<std::string(const Message& message, std::string_view envelope)>;

  /// kOwn needs a function; opening a client with kOwn alone is an error.
  Formatter(MessageFormat format) : format_(format) {}
  template <std::invocable<const Message&, std::string_view> F>
  requires std::convertible_to<std::invoke_result_t<F, const Message&, std::string_view>,
                               std::string>
  Formatter(F make_string) : format_(MessageFormat::kOwn), function_(std::move(make_string)) {}

  [[nodiscard]] MessageFormat format() const { return format_; }
  /// Returns the function; empty for all formats but kOwn.
  [[nodiscard]] const Function& function() const { return function_; }
  /// False for kOwn without a function.
  [[nodiscard]] bool is_complete() const {
    return format_ != MessageFormat::kOwn || function_ != nullptr;
  }

 private:
  MessageFormat format_;
  Function function_;
};

/// The payload of timers: milliseconds with decimals down to the nanosecond, or whole milliseconds
/// as in the reference, rounded half up.
enum class TimerResolution : std::uint8_t { kNanoseconds, kMilliseconds };

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
