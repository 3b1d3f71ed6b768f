#pragma once

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <string_view>

#include "metlog/call.h"
#include "metlog/flush/ledger.h"
#include "metlog/message/field.h"
#include "metlog/message/gate.h"
#include "metlog/message/severity.h"

namespace metlog {

struct ClientState;  // client.cc

/// What a call of the function API may say beside its name.
struct CallOptions {
  std::string_view logger = kNotGiven;
  int severity = kSeverityNotGiven;
  FieldList fields = {};
  double rate = 1.0;

  /// Not given: the client's own. An empty logger and a severity of 0 are values like any other.
  static constexpr std::string_view kNotGiven{nullptr, 0};
  static constexpr int kSeverityNotGiven = INT32_MIN;
};

class Timer;

/// A program's way to a destination. Made by open(); the macros take it as their first argument.
/// Calls may come from any thread; opening, moving and closing happen on one. The destructor
/// closes with the time limit of ClientOptions::close_limit.
class Client {
 public:
  Client(Client&& other) noexcept;
  Client& operator=(Client&& other) noexcept;
  ~Client();

  // The function API, for names known at run time only. About three times the cost of a macro.

  /// An event: `metlog("services", {.fields = {{"userid", 25}}}, "foo")`.
  void metlog(std::string_view type, const CallOptions& options = {}, FieldValue payload = "");
  /// Adds to a counter. Sampled when options.rate is below 1.
  void incr(std::string_view name, FieldValue count = 1, const CallOptions& options = {});
  /// A time that was taken elsewhere, in milliseconds. Not sampled: the rate is only reported.
  void timer_send(std::string_view name, FieldValue elapsed_ms, const CallOptions& options = {});
  /// Starts a timer that sends when it goes out of scope. Sampled when options.rate is below 1.
  [[nodiscard]] Timer timer(std::string_view name, const CallOptions& options = {});

  /// A text as it is: braces and percent signs mean nothing.
  void log(Severity severity, std::string_view text);
  void debug(std::string_view text) { log(Severity::kDebug, text); }
  void info(std::string_view text) { log(Severity::kInfo, text); }
  void notice(std::string_view text) { log(Severity::kNotice, text); }
  void warn(std::string_view text) { log(Severity::kWarning, text); }
  void error(std::string_view text) { log(Severity::kError, text); }
  void critical(std::string_view text) { log(Severity::kCritical, text); }
  void alert(std::string_view text) { log(Severity::kAlert, text); }
  void emergency(std::string_view text) { log(Severity::kEmergency, text); }
  /// Severity ALERT, as in the reference: the text, a newline, and the exception's type and what().
  /// "None" stands for one that is null.
  void exception(std::string_view text, const std::exception_ptr& error = std::current_exception());

  /// Log calls less severe than this are not emitted from now on. Any thread.
  void set_min_severity(Severity severity);

  /// What became of the messages so far. The identity holds after flush() and close().
  [[nodiscard]] Ledger stats() const;
  /// Waits until everything emitted before is sent or lost; false when the time is over first.
  bool flush(std::chrono::nanoseconds limit);
  /// Ends the client by the deadline: later calls do nothing. A second call answers the same.
  Receipt close(std::chrono::nanoseconds limit);

  /// What the macros look at.
  [[nodiscard]] const ClientGate& gate() const { return gate_; }

 private:
  friend class Engine;
  friend class Timer;
  explicit Client(std::unique_ptr<ClientState> state);
  std::int64_t send_elapsed(const Timer& timer, std::uint64_t now, std::uint64_t elapsed);

  ClientGate gate_;  // first: a call looks here and nowhere else
  std::unique_ptr<ClientState> state_;
};

/// See Client::timer(). Used by one thread.
class Timer {
 public:
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;
  ~Timer() { stop(); }

  /// Sends now; the destructor then does nothing. Returns the time in whole milliseconds, rounded;
  /// 0 when this call is not sampled or was stopped before.
  std::int64_t stop();

 private:
  friend class Client;

  Timer(Client* client, std::string_view name, const CallOptions& options);

  Client* client_;  // null once sent, or when this call is not sampled
  std::string name_;
  std::string logger_;
  std::string fields_;  // encoded
  CallOptions options_;
  std::uint64_t start_ticks_ = 0;
};

}  // namespace metlog
