#pragma once

#include <cstdint>
#include <exception>

#include "metlog/client.h"
#include "metlog/internal/emit/call.h"
#include "metlog/internal/emit/record_history.h"

namespace metlog {

/// The last log calls and events of a scope, sent only if it ends badly:
///
///   metlog::Backtrace trail(log, 32);
///   METLOG_DEBUG(trail, "row {} of {}", row, rows);
///
/// Stands in a call's place of the client. What it is given is kept whatever the client's least
/// severity, and sent, in order and with the time and context of each call, when an exception
/// leaves the scope or flush() is called; else it is forgotten: neither emitted nor lost. A call
/// costs what it does otherwise and, in a context, a locked increment, for what is kept shares it:
/// the last share frees it. Sending allocates where the context changes from one call to the next,
/// and counts as lost what finds no memory. Used by one thread; the client outlives it and stays in
/// place.
class Backtrace {
 public:
  /// Keeps the last `records` calls, each of at most `record_bytes` bytes of arguments; a longer
  /// one is counted as too big when it would be sent.
  explicit Backtrace(const Client& client, std::uint32_t records = 32,
                     std::uint32_t record_bytes = 256)
      : client_(&client.gate()), records_(records, record_bytes) {}
  ~Backtrace() {
    if (std::uncaught_exceptions() > exceptions_) flush();
  }
  Backtrace(const Backtrace&) = delete;
  Backtrace& operator=(const Backtrace&) = delete;

  /// Sends what is kept, unless the client is closed.
  void flush() {
    if (client_->is_closed()) return records_.clear();
    records_.emit_all(client_->slot);
  }
  /// Forgets it.
  void clear() { records_.clear(); }
  /// Calls that are kept.
  [[nodiscard]] std::size_t size() const { return records_.size(); }

  // What the macros look at.
  [[nodiscard]] const Backtrace& gate() const { return *this; }
  [[nodiscard]] const ClientGate& client() const { return open_; }
  [[nodiscard]] bool passes() const { return true; }
  template <class Tag, class... A>
  void call(const A&... args) const {
    constexpr SiteKind kKind = Tag::text().kind;
    static_assert(kKind == SiteKind::kLog || kKind == SiteKind::kEvent,
                  "a back-trace keeps log calls and events");
    static_assert(!(kIsRate<A> || ...), "what a back-trace keeps is not sampled");
    keep<Tag>(as_role<kKind>(args)...);
  }

 private:
  template <class Tag, class... A>
  void keep(const A&... args) const {
    records_.keep<priority_of<Tag>()>(site_id<Tag, A...>(), steady_ticks(), args...);
  }

  const ClientGate* client_;
  ClientGate open_{{gate::kOff}, 0, {false}};  // lets through all but what is switched off
  mutable RecordHistory records_;              // a call takes its client as it finds it, const
  int exceptions_ = std::uncaught_exceptions();
};

}  // namespace metlog
