#pragma once

#include <concepts>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "metlog/message.h"

namespace metlog {

/// What a client's messages look like; docs/wire.md has all but the last.
enum class MessageFormat : std::uint8_t {
  kJson,      // the reference's envelope
  kText,      // a line for humans
  kIndented,  // the envelope for readers, several lines of ASCII
  kOwn,       // by a function of the user's, see Formatter
};

/// How a client's messages are written: in one of the formats, or by a function of the user's.
class Formatter {
 public:
  /// The text of a message, which is given in its parts and as the envelope, compact JSON. It is
  /// sent as it is; files and streams add a newline. Runs on the flusher's thread, or that of
  /// whoever closes or reconfigures a client, which waits for it: it may log (a client that blocks
  /// when its ring is full drops here), but not flush, configure or ask the stats() of any client.
  /// It may be called more than once for a message. When it throws, the message is lost as
  /// `formatter_failed`.
  using Function = std::function<std::string(const Message& message, std::string_view envelope)>;

  /// kOwn is for functions; by itself it is refused when a client is opened.
  Formatter(MessageFormat format) : format_(format) {}
  template <std::invocable<const Message&, std::string_view> F>
  requires std::convertible_to<std::invoke_result_t<F, const Message&, std::string_view>,
                               std::string>
  Formatter(F make_text) : format_(MessageFormat::kOwn), function_(std::move(make_text)) {}

  [[nodiscard]] MessageFormat format() const { return format_; }
  /// Empty but for kOwn.
  [[nodiscard]] const Function& function() const { return function_; }
  [[nodiscard]] bool is_complete() const {
    return format_ != MessageFormat::kOwn || function_ != nullptr;
  }

 private:
  MessageFormat format_;
  Function function_;
};

/// Timers' payload: milliseconds with decimals down to the nanosecond, or whole ones as the
/// reference has them, rounded half up.
enum class TimerResolution : std::uint8_t { kNanoseconds, kMilliseconds };

}  // namespace metlog
