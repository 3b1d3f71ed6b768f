#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <cstddef>
#include <cstdint>
#include <exception>
#include <initializer_list>
#include <iterator>
#include <string_view>
#include <vector>

#include "metlog/exception_text.h"
#include "metlog/field.h"
#include "metlog/internal/emit/call.h"
#include "metlog/internal/site/gate.h"
#include "metlog/internal/site/type_concepts.h"
#include "metlog/ledger.h"
#include "metlog/severity.h"

namespace metlog {

/// A list of names: {"db.query", "render"}. Refers to an array that must outlive the call.
class NameList {
 public:
  constexpr NameList() = default;
  constexpr NameList(std::initializer_list<std::string_view> names)
      : begin_(std::data(names)), size_(names.size()) {}
  constexpr NameList(const std::string_view* begin, std::size_t size)
      : begin_(begin), size_(size) {}

  [[nodiscard]] constexpr const std::string_view* begin() const { return begin_; }
  [[nodiscard]] constexpr const std::string_view* end() const { return begin_ + size_; }

 private:
  const std::string_view* begin_ = nullptr;
  std::size_t size_ = 0;
};

struct ClientState;        // client_state.h
struct ClientOutputStats;  // client_output.h
struct Arguments;          // plugin.h
struct Plugin;             // plugin.h
class Message;             // message.h

/// The options of a call of the function API.
struct CallOptions {
  std::string_view logger = kNotGiven;
  int severity = kSeverityNotGiven;
  FieldList fields = {};
  double rate = 1.0;

  /// Not given: the client's value. An empty logger and a severity of 0 are normal values.
  static constexpr std::string_view kNotGiven{nullptr, 0};
  static constexpr int kSeverityNotGiven = metlog::kSeverityNotGiven;
};
/// The options of a call that gives none. One object, so that a blocked call need not make one.
/// Hidden, or a library that uses it could not be unloaded.
[[gnu::visibility("hidden")]] inline constexpr CallOptions kNoCallOptions{};

class Client;
class Timer;  // timer.h

/// A message that is formatted by another component and sends itself through a Client.
template <class T>
concept LogsItself = requires(const T& text, Client& client) {
  text.log_to(client, Severity::kInfo, ExceptionRef());
};

/// Returns a std::chrono::duration in nanoseconds, recognised by its shape. Below 0 and NaN are 0;
/// 100 years and more are 100 years, which a deadline can add to the time.
template <Duration D>
std::int64_t nanoseconds_of(const D& limit) {
  const long double ns =
      static_cast<long double>(limit.count()) * D::period::num * 1000000000 / D::period::den;
  if (!(ns > 0)) return 0;
  return ns < 3.2e18L ? static_cast<std::int64_t>(ns) : std::int64_t{3'200'000'000'000'000'000};
}

/// A connection of a program to a destination. open() makes it; the macros take it as their first
/// argument. Any thread may make calls; opening, moving and closing happen on one thread. The
/// destructor closes with the time limit ClientOptions::close_limit.
///
/// stats() waits for nothing, flush() and close() until their limit. What is not sent when close()
/// ends is lost (kExpired). A filter or sender that does not return holds close() up for 250 ms
/// more, and may run on after it or the destructor: see docs/ledger.md.
///
/// Do not call a client `log` at namespace scope: <cmath> declares `::log` there, and the compiler
/// reports "redeclared as a different kind of entity". As a local variable, a member, or within a
/// namespace of yours the name is free.
class Client {
 public:
  Client(Client&& other) noexcept;
  Client& operator=(Client&& other) noexcept;
  ~Client();

  // The function API, for names that are known only at run time. A call costs a few ns more than a
  // macro, one that the client blocks less. Payload and fields together take at most
  // CompositeWriter::kMaxBytes, and lists and maps (value.h) may be nested kMaxValueDepth deep; a
  // larger call is counted as too big.

  /// Sends an event: `metlog("services", {.fields = {{"userid", 25}}}, "foo")`.
  void metlog(std::string_view type, const CallOptions& options = kNoCallOptions,
              FieldValue payload = "") {
    if (!blocks(SiteKind::kEvent, options)) send_event(type, options, payload);
  }
  /// Adds to a counter; a bool counts as 1 or 0. Sampled when options.rate is below 1.
  void incr(std::string_view name, FieldValue count = 1,
            const CallOptions& options = kNoCallOptions) {
    if (!blocks(SiteKind::kCounter, options)) send_count(name, count, options);
  }
  /// A character counts as its code.
  template <WrittenCharacter C>
  void incr(std::string_view name, C count, const CallOptions& options = kNoCallOptions) {
    incr(name, static_cast<std::int64_t>(count), options);
  }
  /// Sends a time that the caller has measured, in milliseconds. Not sampled: the rate is only
  /// reported.
  void timer_send(std::string_view name, FieldValue elapsed_ms,
                  const CallOptions& options = kNoCallOptions) {
    if (!blocks(SiteKind::kTimer, options)) send_time(name, elapsed_ms, options);
  }
  /// Sends a copy of a ready message, for example one that was read elsewhere: as it is, with pid,
  /// host and env_version of this process, through the client's filters. A time stamp of 0 is the
  /// time of the call. The limits of the function API apply.
  void send_message(const Message& message);
  /// Starts a timer that sends at the end of its scope, sampled by options.rate; see timer.h.
  [[nodiscard]] Timer timer(std::string_view name, const CallOptions& options = kNoCallOptions);

  /// Sends a log message. Braces and percent signs have no special meaning.
  void log(Severity severity, std::string_view text) {
    if (!blocks(severity)) send_log(severity, text);
  }
  /// Sends a log message and appends a newline, unless the text ends in one, and exception_text()
  /// of the error.
  void log(Severity severity, std::string_view text, const ExceptionRef& error) {
    if (!blocks(severity)) send_log(severity, text, error);
  }
  void trace(std::string_view text, const ExceptionRef& error = kNoTrace) {
    log(Severity::kTrace, text, error);
  }
  void debug(std::string_view text, const ExceptionRef& error = kNoTrace) {
    log(Severity::kDebug, text, error);
  }
  void info(std::string_view text, const ExceptionRef& error = kNoTrace) {
    log(Severity::kInfo, text, error);
  }
  void notice(std::string_view text, const ExceptionRef& error = kNoTrace) {
    log(Severity::kNotice, text, error);
  }
  void warn(std::string_view text, const ExceptionRef& error = kNoTrace) {
    log(Severity::kWarning, text, error);
  }
  void error(std::string_view text, const ExceptionRef& error = kNoTrace) {
    log(Severity::kError, text, error);
  }
  void critical(std::string_view text, const ExceptionRef& error = kNoTrace) {
    log(Severity::kCritical, text, error);
  }
  void alert(std::string_view text, const ExceptionRef& error = kNoTrace) {
    log(Severity::kAlert, text, error);
  }
  void emergency(std::string_view text, const ExceptionRef& error = kNoTrace) {
    log(Severity::kEmergency, text, error);
  }
  /// Sends a log message of severity ALERT, as the reference does; kNoTrace for the text alone.
  void exception(std::string_view text) {
    if (!blocks(Severity::kAlert)) send_log(Severity::kAlert, text, std::current_exception());
  }
  void exception(std::string_view text, const ExceptionRef& error) {
    log(Severity::kAlert, text, error);
  }

  // For types with a log_to(), as percent() of percent.h; these return its result.
  template <LogsItself T>
  auto trace(const T& text, const ExceptionRef& error = kNoTrace) {
    return text.log_to(*this, Severity::kTrace, error);
  }
  template <LogsItself T>
  auto debug(const T& text, const ExceptionRef& error = kNoTrace) {
    return text.log_to(*this, Severity::kDebug, error);
  }
  template <LogsItself T>
  auto info(const T& text, const ExceptionRef& error = kNoTrace) {
    return text.log_to(*this, Severity::kInfo, error);
  }
  template <LogsItself T>
  auto notice(const T& text, const ExceptionRef& error = kNoTrace) {
    return text.log_to(*this, Severity::kNotice, error);
  }
  template <LogsItself T>
  auto warn(const T& text, const ExceptionRef& error = kNoTrace) {
    return text.log_to(*this, Severity::kWarning, error);
  }
  template <LogsItself T>
  auto error(const T& text, const ExceptionRef& error = kNoTrace) {
    return text.log_to(*this, Severity::kError, error);
  }
  template <LogsItself T>
  auto critical(const T& text, const ExceptionRef& error = kNoTrace) {
    return text.log_to(*this, Severity::kCritical, error);
  }
  template <LogsItself T>
  auto alert(const T& text, const ExceptionRef& error = kNoTrace) {
    return text.log_to(*this, Severity::kAlert, error);
  }
  template <LogsItself T>
  auto emergency(const T& text, const ExceptionRef& error = kNoTrace) {
    return text.log_to(*this, Severity::kEmergency, error);
  }
  template <LogsItself T>
  auto exception(const T& text, const ExceptionRef& error = std::current_exception()) {
    return text.log_to(*this, Severity::kAlert, error);
  }

  // Calls by name. These two need <metlog/methods.h>, which describes them.

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

  /// Blocks log calls that are less severe than this from now on, see levels.h. Any thread.
  void set_min_severity(Severity severity);

  /// Disables exactly these timers from now on; `*` means all, "x*" is a name. Timers that run
  /// still send; timer_send() and counters are never disabled. Any thread, as the next three.
  void set_disabled_timers(NameList names);
  void disable_timer(std::string_view name);
  void enable_timer(std::string_view name);
  /// True when a timer of that name would do nothing: it is disabled, or all are.
  [[nodiscard]] bool is_timer_disabled(std::string_view name) const;

  /// Returns the version of the envelope, which is in every message: "0.8".
  [[nodiscard]] static constexpr std::string_view env_version() { return kEnvVersion; }

  /// False while the only destination is the placeholder that refuses everything: for a client that
  /// get_client() made and that is not configured yet.
  [[nodiscard]] bool is_active() const;

  /// Returns the counts of messages by fate. Their identity holds after flush() and close().
  /// Of a client with several destinations it is the sum of their accounts, each of which counts
  /// every call.
  [[nodiscard]] Ledger stats() const;
  /// Returns the account of each destination, in the order of open(); the same identity holds.
  [[nodiscard]] std::vector<ClientOutputStats> outputs() const;
  /// Waits until everything emitted before is lost and counted, or handed over as far as the
  /// destination can: FlushResult says how far. False when `limit`, a duration, is over first.
  template <Duration D>
  FlushResult flush(const D& limit) {
    return flush_within(nanoseconds_of(limit));
  }
  /// Closes the client within `limit`; later calls do nothing. A second call returns the same
  /// receipt.
  template <Duration D>
  Receipt close(const D& limit) {
    return close_saying(nanoseconds_of(limit), nullptr);
  }

  /// For the macros.
  [[nodiscard]] const ClientGate& gate() const { return gate_; }

 private:
  friend class Engine;
  friend class Holder;
  friend class Timer;  // timer.h
  friend ClientState* state_of(const Client& client);
  explicit Client(ClientState* state);

  // True when the client blocks such a call.
  [[nodiscard]] bool blocks(Severity severity) const {
    // A number that is no severity means none. relaxed: a switch; see SiteGate::admits()
    const auto number = static_cast<Severity>(static_cast<unsigned>(severity) & 15);
    return (gate_.blocked.load(Order::kRelaxed) & gate::of_severity(number)) != 0;
  }
  [[nodiscard]] bool blocks(SiteKind kind, const CallOptions& options) const {
    std::uint32_t bits = gate::of_kind(kind);
    if (options.severity == kSeverityNotGiven) bits |= gate::of_default_severity(kind);
    return (gate_.blocked.load(Order::kRelaxed) & bits) != 0;  // relaxed: as above
  }
  // The calls that are not blocked.
  void send_event(std::string_view type, const CallOptions& options, FieldValue payload);
  void send_count(std::string_view name, FieldValue count, const CallOptions& options);
  void send_time(std::string_view name, FieldValue elapsed_ms, const CallOptions& options);
  void send_log(Severity severity, std::string_view text);
  void send_log(Severity severity, std::string_view text, const ExceptionRef& error);
  [[nodiscard]] bool begins_timer(std::string_view name, double rate) const;
  std::int64_t send_elapsed(const Timer& timer, std::uint64_t now, std::uint64_t elapsed);

  FlushResult flush_within(std::int64_t limit_ns);
  Receipt close_saying(std::int64_t limit_ns, const char* when);
  void end();

  ClientGate gate_;     // first, because a call reads nothing else of the client
  ClientState* state_;  // owned; null once moved from
};

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
