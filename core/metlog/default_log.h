#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <atomic>

#include "metlog/log.h"

namespace metlog {

/// The client of the calls that name none. Any thread, but for the first call of default_log() no
/// signal handler.
class DefaultLog {
 public:
  static Client& get() {
    // acquire: pairs with the releases in set() and find()
    Client* const client = chosen_client.load(std::memory_order_acquire);
    if (client != nullptr) [[likely]]
      return *client;
    return find();
  }
  static void set(Client& client) {
    chosen_client.store(&client, std::memory_order_release);  // pairs with the acquire in get()
  }

 private:
  static Client& find();

  static constinit std::atomic<Client*> chosen_client;
};

/// Returns the client that was set; else, from the first call on, the one that default_client() of
/// holder.h returned then, or a new one that it returns from then on: its logger is the program's
/// name, and it writes text to standard error. It cannot fail: without a slot for a client, calls
/// do nothing, and standard error has said why.
[[nodiscard]] inline Client& default_log() { return DefaultLog::get(); }

/// Makes another client the default, which must outlive all calls: close() it, and let it live.
inline void set_default_log(Client& client) { DefaultLog::set(client); }

}  // namespace metlog

/// The macros of log.h without their first argument. One atomic load more than with it.
#define MLOG_TRACE(...) METLOG_TRACE(::metlog::default_log(), __VA_ARGS__)
#define MLOG_DEBUG(...) METLOG_DEBUG(::metlog::default_log(), __VA_ARGS__)
#define MLOG_INFO(...) METLOG_INFO(::metlog::default_log(), __VA_ARGS__)
#define MLOG_NOTICE(...) METLOG_NOTICE(::metlog::default_log(), __VA_ARGS__)
#define MLOG_WARN(...) METLOG_WARN(::metlog::default_log(), __VA_ARGS__)
#define MLOG_ERROR(...) METLOG_ERROR(::metlog::default_log(), __VA_ARGS__)
#define MLOG_CRITICAL(...) METLOG_CRITICAL(::metlog::default_log(), __VA_ARGS__)
#define MLOG_ALERT(...) METLOG_ALERT(::metlog::default_log(), __VA_ARGS__)
#define MLOG_EMERGENCY(...) METLOG_EMERGENCY(::metlog::default_log(), __VA_ARGS__)
#define MLOG_EXCEPTION(...) METLOG_EXCEPTION(::metlog::default_log(), __VA_ARGS__)
#define MLOG_EVENT(...) METLOG_EVENT(::metlog::default_log(), __VA_ARGS__)
#define MLOG_INCR(...) METLOG_INCR(::metlog::default_log(), __VA_ARGS__)
#define MLOG_TIMER(...) METLOG_TIMER(::metlog::default_log(), __VA_ARGS__)

#include "metlog/internal/base/restore_macros.inc"  // last
