#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "metlog/client.h"
#include "metlog/internal/base/clock.h"
#include "metlog/internal/base/idle_strategy.h"
#include "metlog/ledger.h"
#include "metlog/options.h"
#include "metlog/sender.h"

namespace metlog {

class Destination;
class RingSet;
struct OpenSlot;

/// What runs behind the calls: the rings, the flusher, the clients' destinations. A process has one
/// at a time; a forked child gets its own at its first call, with the same clients and fresh
/// connections. Thread-safe but for step() and destruction.
class Engine {
 public:
  /// Who does the work.
  enum class Threads {
    kOwn,   // a flusher thread, and one for every connection
    kNone,  // whoever calls step(): tests, and programs with an event loop of their own
  };

  /// For engines that stand in for the process's own.
  struct Parts {
    EngineOptions options;
    Threads threads = Threads::kOwn;
    std::unique_ptr<Clock> clock;        // null for the system's
    std::unique_ptr<IdleStrategy> idle;  // of the flusher's thread; null for options.poll_interval
    std::int64_t pid = 0;                // 0 for the process's
    std::string hostname;                // empty for the machine's
  };

  /// Becomes the process's engine until it is destroyed; there must be no other.
  explicit Engine(Parts parts);
  /// No client is open, and no thread inside a call.
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// The process's engine, made at the first use and kept until the process ends.
  static Engine& instance();
  /// Options for the engine that instance() will make; kFailedPrecondition when it exists already,
  /// kInvalidArgument when a value is out of its range.
  static absl::Status configure(const EngineOptions& options);

  /// A client of the destination that `url` names; see make_sender(). `?format=text` makes its
  /// messages lines for humans, `?format=indented` envelopes of several lines, `?format=json`, the
  /// default, envelopes of one.
  absl::StatusOr<Client> open(std::string_view url, const ClientOptions& options = {});
  /// A client of a destination of the user's own.
  absl::StatusOr<Client> open(std::unique_ptr<Sender> sender, const ClientOptions& options = {});

  /// See metlog::reconfigure(). `client` is one of any engine.
  static absl::Status reconfigure(Client& client, std::string_view url,
                                  const ClientOptions& options = {});
  static absl::Status reconfigure(Client& client, std::unique_ptr<Sender> sender,
                                  const ClientOptions& options = {});

  /// One round of the flusher; true when it did anything. Only with Threads::kNone.
  bool step();

  /// The session's id, as metlog.loss messages carry it.
  [[nodiscard]] std::string session() const;
  /// Where the rings lie; empty when they do not outlive the process.
  [[nodiscard]] std::string session_path() const;
  /// Rings that lie in anonymous memory, though they should not.
  [[nodiscard]] std::uint64_t anonymous_rings() const;

 private:
  friend class Client;
  struct State;

  static RingSet* restart_current();
  RingSet* restart_if_forked();
  void remove_session();
  struct Target;
  absl::StatusOr<Target> resolve_target(std::string_view url, const ClientOptions& options);
  absl::StatusOr<Target> resolve_target(std::unique_ptr<Sender> sender,
                                        const ClientOptions& options);
  absl::StatusOr<Client> open_target(absl::StatusOr<Target> way);
  template <class Where>
  static absl::Status reconfigure_to(Client& client, Where where, const ClientOptions& options);
  [[nodiscard]] Ledger stats(std::uint32_t slot) const;
  [[nodiscard]] std::int64_t milliseconds(std::uint64_t elapsed_ticks) const;
  bool flush(std::uint32_t slot, std::chrono::nanoseconds limit);
  /// None in a forked child that has not called: the client is its parent's.
  std::optional<Receipt> close(std::uint32_t slot, std::chrono::nanoseconds limit, Ledger& last);
  /// Behind close(), once nobody asks for this client's stats() here any more.
  void forget(std::uint32_t slot);

  State* state_;  // a forked child leaves its parent's as it is
};

}  // namespace metlog
