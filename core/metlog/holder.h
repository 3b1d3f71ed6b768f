#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/client.h"
#include "metlog/value.h"

namespace metlog {

class Client;

// The process's clients by name, for those who need no more; holder.h has the whole. Any thread.
// They stay in place until the process ends; but one that has lost its name may be closed to make
// room for others, and calls to it do nothing from then on.

/// The client of this name, made if need be: without a destination, its logger is the name.
Client& get_client(std::string_view name);

/// The default client; null while there is none.
Client* default_client();

/// Whether the global configuration's `disabled_decorators`, a text or a list of texts, names this
/// kind: "timeit", "incr_count".
bool is_decorator_disabled(std::string_view kind);

class Engine;

/// Clients by name, a default among them, and the global configuration. Any thread.
///
/// A client that the holder has had stays where it is until the holder ends: the process's never
/// does. Whoever has a reference may use it for ever; deleting or replacing a name closes nothing
/// by itself. To end a client, close() it. A process has room for kClientSlots open clients, so of
/// those without a name no more than kMaxAnonymous stay open, fewer when get_client() needs the
/// room: the one that was made first is closed, calls to it do nothing from then on, and its
/// filters, formatter and capture are gone. When the process exits by exit() or by returning from
/// main, those still open are closed, and those that another thread is closing are waited for. Each
/// closing takes the client's close_limit at most, all that one get_client() does 2 s together.
class Holder {
 public:
  /// The process's own: what the functions of default_client.h ask.
  static Holder& instance();

  /// Open clients whose names were taken away, at most.
  static constexpr std::size_t kMaxAnonymous = 64;

  /// A holder whose clients are of this engine, for tests; closes them at its end.
  explicit Holder(Engine& engine) : engine_(&engine) {}
  ~Holder();
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  /// The client of this name. Makes one where there is none: logger = name, severity 6, every
  /// message refused. It becomes the default when it is the only one and no default is set. When
  /// a process has no room for one more, and none without a name to close, standard error is told
  /// why, and the client that is returned does nothing.
  Client& get_client(std::string_view name);
  /// Puts a client under this name. If it is the only one, it is the default, whatever was.
  Client& set_client(std::string_view name, Client&& client);
  /// The same for a client of the caller's own, which outlives all use.
  void set_client(std::string_view name, Client& client);
  /// Takes the name away; the default, if it was that, is then unset. No error without such a name.
  void delete_client(std::string_view name);
  /// In the order of the alphabet.
  [[nodiscard]] std::vector<std::string> client_names() const;

  /// Null while no default is set, or none is there by that name.
  [[nodiscard]] Client* default_client() const;
  /// Empty while none is set.
  [[nodiscard]] std::string default_client_name() const;
  /// There need not be such a client yet.
  void set_default_client_name(std::string_view name);

  /// A copy. Its key `default` is the default client's name.
  [[nodiscard]] ValueMap global_config() const;
  void merge_global_config(const ValueMap& more);
  /// Forgets the default client's name, too.
  void clear_global_config();
  [[nodiscard]] bool is_decorator_disabled(std::string_view kind) const;

 private:
  Holder() = default;  // the process's, whose engine is made at the first need
  Engine& engine();
  Client& keep(Client&& client);
  void store(std::string_view name, Client& client);
  [[nodiscard]] std::string default_name() const;
  absl::StatusOr<Client*> find_or_make(std::string_view name);
  /// The same, once some without a name are closed.
  absl::StatusOr<Client*> make_room_for(std::string_view name);
  /// Moves the first of owned_clients_ that has no name to closed_; null when no more than `left`
  /// have none.
  Client* take_anonymous(std::size_t left);
  /// Until `left` of them stay, or the deadline has come; the one under way is closed in any case.
  void close_anonymous(std::size_t left, std::chrono::steady_clock::time_point deadline);
  void close_all();
  void lock_all();
  void unlock_all();

  Engine* engine_ = nullptr;
  std::mutex making_room_;    // one thread at a time; taken before mutex_
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::string, Client*, std::less<>> clients_;
  std::vector<std::unique_ptr<Client>> owned_clients_;  // may be open
  std::vector<std::unique_ptr<Client>> closed_;         // or being closed; references may be about
  std::size_t closed_by_parent_ = 0;                    // of closed_, in a forked child
  ValueMap global_;
  bool closes_at_exit_ = false;
};

}  // namespace metlog
