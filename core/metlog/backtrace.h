#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

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
/// Takes the place of the client in a call. It stores calls of every severity. When an exception
/// leaves the scope or flush() is called, it sends them in order, with the time and context of each
/// call; otherwise it discards them, and they count neither as emitted nor as lost. A call costs
/// what it costs with a client and, in a context, a locked increment, because the record shares the
/// context. Sending allocates where the context changes from one call to the next; a call that
/// finds no memory counts as lost. Used by one thread. The client must outlive it and not move.
class Backtrace {
 public:
  /// Stores the last `records` calls, none for 0, of up to `record_bytes` bytes of arguments each;
  /// a longer one is counted as too big when it would be sent. Throws std::bad_alloc.
  explicit Backtrace(const Client& client, std::uint32_t records = 32,
                     std::uint32_t record_bytes = 256)
      : client_(&client.gate()), records_(records, record_bytes) {}
  ~Backtrace() {
    if (std::uncaught_exceptions() > exceptions_) flush();
  }
  Backtrace(const Backtrace&) = delete;
  Backtrace& operator=(const Backtrace&) = delete;

  /// Sends the stored calls; discards them when the client is closed.
  void flush() {
    if (client_->is_closed()) return records_.clear();
    records_.emit_all(client_->slot);
  }
  /// Discards the stored calls.
  void clear() { records_.clear(); }
  /// Number of stored calls.
  [[nodiscard]] std::size_t size() const { return records_.size(); }

  // For the macros.
  [[nodiscard]] const Backtrace& gate() const { return *this; }
  [[nodiscard]] const ClientGate& client() const { return open_; }
  [[nodiscard]] bool passes() const { return records_.capacity() != 0; }
  template <class Tag, class... A>
  void call(const A&... args) const {
    constexpr SiteKind kKind = Tag::text().kind;
    static_assert(kKind == SiteKind::kLog || kKind == SiteKind::kEvent,
                  "a back-trace takes log calls and events");
    static_assert(!(kIsRate<A> || ...), "a call to a back-trace is not sampled");
    check_roles<kKind, A...>();
    add<Tag>(as_role<kKind>(args)...);
  }

 private:
  template <class Tag, class... A>
  void add(const A&... args) const {
    records_.add<priority_of<Tag>()>(site_id<Tag, A...>(), steady_ticks(), args...);
  }

  const ClientGate* client_;
  ClientGate open_{{gate::kOff}, 0, {false}};  // admits all calls except those of disabled sites
  mutable RecordHistory records_;              // mutable, because a call takes its client as const
  int exceptions_ = std::uncaught_exceptions();
};

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
