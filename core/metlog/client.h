#pragma once

#include <cstdint>
#include <exception>
#include <string_view>

#include "metlog/call.h"
#include "metlog/flush/ledger.h"
#include "metlog/message/field.h"
#include "metlog/message/gate.h"
#include "metlog/message/name_list.h"
#include "metlog/message/severity.h"
#include "metlog/message/type_concepts.h"

namespace metlog {

struct ClientState;  // client_state.h
struct Arguments;    // provider/arguments.h
struct Plugin;       // provider/plugin.h

/// What a call of the function API may say beside its name.
struct CallOptions {
  std::string_view logger = kNotGiven;
  int severity = kSeverityNotGiven;
  FieldList fields = {};
  double rate = 1.0;

  /// Not given: the client's own. An empty logger and a severity of 0 are values like any other.
  static constexpr std::string_view kNotGiven{nullptr, 0};
  static constexpr int kSeverityNotGiven = metlog::kSeverityNotGiven;
};

class Timer;  // timer.h

/// A program's way to a destination. Made by open(); the macros take it as their first argument.
/// Calls may come from any thread; opening, moving and closing happen on one. The destructor
/// closes with the time limit of ClientOptions::close_limit.
class Client {
 public:
  Client(Client&& other) noexcept;
  Client& operator=(Client&& other) noexcept;
  ~Client();

  // The function API, for names known at run time only: a few ns more than a macro, and
  // payload and fields of a call together take at most CompositeWriter::kMaxBytes.

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

  // By name; these two need <metlog/methods.h>, which describes them.

  /// `client.call("ping", {{1, 2}, {{"verbose", true}}})`
  template <class A = Arguments>
  auto call(std::string_view name, const A& arguments = {}) {
    return call_method(*this, name, arguments);
  }
  /// `client.add_method({"ping", method}, override_with)`
  template <class P = Plugin, class... Override>
  auto add_method(const P& plugin, const Override&... override_with) {
    return add_method_to(*this, plugin, override_with...);
  }

  /// Log calls less severe than this are not emitted from now on. Any thread.
  void set_min_severity(Severity severity);

  /// Exactly these timers are disabled from now on; `*` among them means all, but "x*" is a name
  /// like any other. Timers under way still send. timer_send() and counters are never disabled. Any
  /// thread, here and below.
  void set_disabled_timers(NameList names);
  void disable_timer(std::string_view name);
  void enable_timer(std::string_view name);
  /// Whether a timer of that name would do nothing: it is disabled, or all are.
  [[nodiscard]] bool is_timer_disabled(std::string_view name) const;

  /// What became of the messages so far. The identity holds after flush() and close().
  [[nodiscard]] Ledger stats() const;
  /// Waits until everything emitted before is sent or lost; false when the time is over first.
  /// `limit` is a std::chrono::duration, told by its shape so that call sites need not pay for the
  /// header.
  template <Duration D>
  bool flush(const D& limit) {
    return flush_within(nanoseconds_of(limit));
  }
  /// Ends the client by the deadline: later calls do nothing. A second call answers the same.
  template <Duration D>
  Receipt close(const D& limit) {
    return close_within(nanoseconds_of(limit));
  }

  /// What the macros look at.
  [[nodiscard]] const ClientGate& gate() const { return gate_; }

 private:
  friend class Engine;
  friend class Timer;  // timer.h
  friend ClientState* state_of(const Client& client);
  explicit Client(ClientState* state);
  std::int64_t send_elapsed(const Timer& timer, std::uint64_t now, std::uint64_t elapsed);

  template <class D>
  static std::int64_t nanoseconds_of(const D& limit) {
    return static_cast<std::int64_t>(static_cast<long double>(limit.count()) * D::period::num *
                                     1000000000 / D::period::den);
  }
  bool flush_within(std::int64_t limit_ns);
  Receipt close_within(std::int64_t limit_ns);
  void end();

  ClientGate gate_;     // first: a call looks here and nowhere else
  ClientState* state_;  // owned; null once moved from
};

}  // namespace metlog
