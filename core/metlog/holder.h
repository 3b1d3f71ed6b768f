#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/client.h"
#include "metlog/internal/base/reentrant_mutex.h"
#include "metlog/value.h"

namespace metlog {

// The process's clients by name; class Holder below has all operations. Any thread. The clients
// stay in place until the process ends; but one that has lost its name may be closed to make space
// for others, and calls to it do nothing from then on.

/// The client of this name. A new one has no destination, and its logger is the name.
Client& get_client(std::string_view name);

/// The default client; null while there is none.
Client* default_client();

/// True when the global configuration's `disabled_decorators`, a string or a list of strings, has
/// this kind: "timeit", "incr_count".
bool is_decorator_disabled(std::string_view kind);

class Engine;

/// Clients by name, a default among them, and the global configuration. Any thread.
///
/// A client stays in place until its holder is destroyed, which never happens to the process's:
/// references stay valid, and deleting or replacing a name does not close the client. To end a
/// client, close() it. A process can have kClientSlots open clients, so at most kMaxAnonymous
/// clients without a name stay open, fewer when get_client() needs a slot: the oldest is closed,
/// calls to it do nothing from then on, and its filters, formatter and capture are released. Each
/// close takes at most the client's close_limit, all closes of one get_client() together at most
/// 2 s. The engine closes the open ones when the process exits, see Engine.
class Holder {
 public:
  /// The process's holder, which the functions above use.
  static Holder& instance();

  /// Maximum number of open clients without a name.
  static constexpr std::size_t kMaxAnonymous = 64;

  /// A holder for clients of this engine, for tests; its destructor closes them.
  explicit Holder(Engine& engine) : engine_(&engine) {}
  ~Holder();
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;

  /// The client of this name. Makes one if there is none: logger = name, severity 6, every message
  /// refused. It becomes the default when it is the only one and no default is set. When there is
  /// neither a free slot nor a client without a name to close, prints the reason to standard error
  /// and returns a client that does nothing.
  Client& get_client(std::string_view name);
  /// Stores a client under this name. If it is the only one, it becomes the default.
  Client& set_client(std::string_view name, Client&& client);
  /// Stores a client that the caller owns, which must outlive all use.
  void set_client(std::string_view name, Client& client);
  /// Removes the name; if it was the default, none is set afterwards. Ignores an unknown name.
  void delete_client(std::string_view name);
  /// True when this client is stored under this name.
  [[nodiscard]] bool holds(std::string_view name, const Client& client) const;
  /// In alphabetical order.
  [[nodiscard]] std::vector<std::string> client_names() const;

  /// Null while no default is set, or there is no client of that name.
  [[nodiscard]] Client* default_client() const;
  /// Empty while none is set.
  [[nodiscard]] std::string default_client_name() const;
  /// The client need not exist yet.
  void set_default_client_name(std::string_view name);

  /// A copy. Its key `default` is the default client's name.
  [[nodiscard]] ValueMap global_config() const;
  void merge_global_config(const ValueMap& more);
  /// Also clears the default client's name.
  void clear_global_config();
  [[nodiscard]] bool is_decorator_disabled(std::string_view kind) const;

 private:
  Holder() = default;  // the process's, whose engine is made at the first use
  Engine& engine();
  Client& keep(Client&& client);
  void store(std::string_view name, Client& client);
  [[nodiscard]] std::string default_name() const;
  Client* find(std::string_view name) const;
  /// Makes the client of this name, or finds that another thread has. Closes clients without a name
  /// when there is no slot for it.
  absl::StatusOr<Client*> make(std::string_view name);
  absl::StatusOr<Client*> find_or_open(std::string_view name);
  /// Moves the oldest of owned_clients_ without a name to closed_; null when at most `left` have
  /// none.
  Client* take_anonymous(std::size_t left);
  /// Closes clients without a name until `left` remain or the deadline has come; a close that has
  /// begun is completed.
  void close_anonymous(std::size_t left, std::chrono::steady_clock::time_point deadline);
  void close_all();
  void lock_all();
  void unlock_all();

  Engine* engine_ = nullptr;
  ReentrantMutex making_;         // held by the thread that makes a client; taken before mutex_
  mutable ReentrantMutex mutex_;  // guards what follows; never held while waiting for a thread
  std::map<std::string, Client*, std::less<>> clients_;
  std::vector<std::unique_ptr<Client>> owned_clients_;  // may be open
  std::vector<std::unique_ptr<Client>> closed_;         // or being closed; may be referred to
  std::size_t closed_by_parent_ = 0;                    // of closed_, in a forked child
  ValueMap global_;
};

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
