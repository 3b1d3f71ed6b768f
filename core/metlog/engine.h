#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/client.h"
#include "metlog/client_output.h"
#include "metlog/internal/base/clock.h"
#include "metlog/internal/base/idle_strategy.h"
#include "metlog/ledger.h"
#include "metlog/make_sender.h"
#include "metlog/options.h"
#include "metlog/sender.h"

namespace metlog {

class Destination;
class RingSet;
class StartupRecovery;
struct OpenSlot;

/// Takes the calls' messages to their destinations: has the rings, the flusher and the clients'
/// connections. A process has one at a time; a forked child gets its own at its first call, with
/// the same clients and new connections. Where a connection cannot be opened there, or a thread not
/// be started, messages are lost as `forked`, standard error says so once, and it is tried again
/// once a second. Thread-safe but for step() and destruction.
///
/// Filters, formatters, senders and the program's allocator run inside it and may call anything.
/// What would have to wait for the thread that runs them is refused there: open() and reconfigure()
/// with kFailedPrecondition, flush() with false, close() with a receipt that confirms nothing; the
/// client stays open then. A client that is destroyed there is closed by the next open(), which may
/// wait for its close_limit, or at the exit. Other threads may call all of them meanwhile, and wait
/// for no longer than their limit; so what runs inside should not wait for such a thread.
///
/// When the process exits, by exit() or by returning from main(), all clients that are still open
/// are closed within their close_limit, after all exit handlers and destructors of static objects
/// have run; what is lost is said on standard error. So calls may be made until the end. A sender
/// that the program made is flushed by an exit handler of the first open(), and used later only if
/// something is logged later: what it refers to should not be destroyed before.
class Engine {
 public:
  /// The threads that do the work.
  enum class Threads {
    kOwn,   // a flusher thread, and one for each connection, which clients of one URL share
    kNone,  // the thread that calls step(): tests, and programs with an event loop
  };

  /// The parts of an engine that replaces the process's own.
  struct Parts {
    EngineOptions options;
    Threads threads = Threads::kOwn;
    std::unique_ptr<Clock> clock;        // null for the system's
    std::unique_ptr<IdleStrategy> idle;  // null for the intervals and wakes of `options`
    std::int64_t pid = 0;                // 0 for the process's
    std::string hostname;                // empty for the machine's
  };

  /// Becomes the process's engine until it is destroyed. Requires that there is no other.
  explicit Engine(Parts parts);
  /// Requires that no client is open and no thread is inside a call.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Returns the process's engine, which is made at the first use and kept until the process ends.
  static Engine& instance();
  /// Sets the options of the engine that instance() will make; kFailedPrecondition when it exists
  /// already, kInvalidArgument for a value that is wrong here, kPermissionDenied for a nice value.
  static absl::Status configure(const EngineOptions& options);

  /// Returns the options of the engine that instance() returns or will make.
  static EngineOptions process_options();
  /// Returns the options that this engine was made with.
  [[nodiscard]] const EngineOptions& options() const;

  // All forms of open() and reconfigure() start the threads that the client needs. When the system
  // refuses one (a limit of processes, or memory) they fail with kResourceExhausted, and clients
  // are as before; a later call may work. The sender is destroyed then, and may have emptied its
  // file.

  /// Opens a client of the destination that `url` names; see make_sender(). Its messages are lines
  /// for humans with `?format=text`, envelopes of several lines with `?format=indented`, and
  /// envelopes of one line with `?format=json`, the default.
  absl::StatusOr<Client> open(std::string_view url, const ClientOptions& options = {});
  /// Opens a client of a sender that the program made: one connection, not reopened in a child.
  absl::StatusOr<Client> open(std::unique_ptr<Sender> sender, const ClientOptions& options = {});
  /// A client whose connections `connect` opens: as many as options.pool_size, and all again in a
  /// forked child. For configurations.
  absl::StatusOr<Client> open(const SenderFactory& connect, const ClientOptions& options = {});
  /// A client with several destinations, see ClientOutput. Errors name the destination by its
  /// number.
  absl::StatusOr<Client> open(const std::vector<ClientOutput>& outputs,
                              const ClientOptions& options = {});

  /// See metlog::reconfigure(). `client` may be of any engine.
  static absl::Status reconfigure(Client& client, std::string_view url,
                                  const ClientOptions& options = {});
  static absl::Status reconfigure(Client& client, std::unique_ptr<Sender> sender,
                                  const ClientOptions& options = {});
  static absl::Status reconfigure(Client& client, const SenderFactory& connect,
                                  const ClientOptions& options = {});
  static absl::Status reconfigure(Client& client, const std::vector<ClientOutput>& outputs,
                                  const ClientOptions& options = {});

  /// Does one round of the flusher; true when there was anything to do. Only with Threads::kNone.
  bool step();

  /// Returns the session's id, as metlog.loss messages carry it; empty without a session: these
  /// then carry a random one.
  [[nodiscard]] std::string session() const;
  /// Returns the directory of the rings; empty when they do not outlive the process.
  [[nodiscard]] std::string session_path() const;
  /// Returns how many rings of a session had to be put into anonymous memory, or a part of them,
  /// because the session's directory or memory for a ring's file was refused; standard error has
  /// the reason. Their messages are lost if the process is killed. 0 when
  /// EngineOptions::session_directory is "none". Any thread.
  [[nodiscard]] std::uint64_t anonymous_rings() const;

 private:
  friend class Client;
  friend class ClientOutputs;
  friend class ForkedChild;
  friend class ProcessExit;
  struct State;

  struct Unstarted {};
  explicit Engine(Unstarted) {}
  void start(Parts parts);

  static RingSet* restart_current(std::uint32_t client);
  /// Returns the state, which may be the parent's. (1) acquire: pairs with the releases (2) and (3)
  /// in start() and in ForkedChild, so that what is in it is seen, too.
  [[nodiscard]] State* state() const { return state_.load(std::memory_order_acquire); }
  absl::Status check_open(const ClientOptions& options) const;
  /// Returns this process's engine, of instance() or not; null while none runs.
  static Engine* current();
  struct Target;  // engine/target.h
  absl::StatusOr<Client> open_targets(absl::StatusOr<std::vector<Target>> targets);
  template <class Where>
  static absl::Status reconfigure_to(Client& client, Where where, const ClientOptions& options);
  template <class Where>
  static absl::Status reconfigure_locked(Client& client, Where where, const ClientOptions& options,
                                         std::chrono::nanoseconds limit);
  [[nodiscard]] Ledger stats(std::uint32_t slot) const;
  [[nodiscard]] std::int64_t milliseconds(std::uint64_t elapsed_ticks) const;
  FlushResult flush(std::uint32_t slot, std::chrono::nanoseconds limit);
  Receipt close(std::uint32_t slot, std::chrono::nanoseconds limit, Ledger& last);
  /// Frees the slot after close(), once the client answers stats() itself.
  void forget(std::uint32_t slot);

  // A forked child replaces its parent's and does not delete it.
  std::atomic<State*> state_{nullptr};
  std::shared_ptr<StartupRecovery> recovery_;  // of other processes' sessions; of this one's start
};

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
