#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/engine/level_rules.h"
#include "metlog/internal/site/gate.h"
#include "metlog/severity.h"

namespace metlog {

struct ClientState;  // client_state.h

/// The levels of all open clients: see metlog/levels.h. Any thread.
///
/// Lock order: this mutex, and then the mutex of a client's state. So none of these is called under
/// the latter.
class Levels {
 public:
  static Levels& instance();

  /// Adds a client that is being opened, whose options its state has taken, and stores its level
  /// there; it is not published before ClientState::apply_to().
  void join(ClientState& state, ClientGate& gate);
  /// Moves the gate of a client, which may be closed; no level is stored meanwhile.
  void move(const ClientState& state, const ClientGate& from, ClientGate& to);
  /// Stores the level of a client whose options were replaced.
  void take_options(ClientState& state);
  /// Sets the level of one client.
  void set(ClientState& state, Severity level);
  /// Removes a client that is closed. Nothing when it was removed before.
  void leave(const ClientState& state);

  absl::Status set(std::string_view logger, Severity level);
  absl::Status set(std::string_view rules);
  bool reset(std::string_view logger);
  [[nodiscard]] Severity of(std::string_view logger);
  [[nodiscard]] std::string text();

 private:
  /// An open client.
  struct Member {
    ClientState* state;
    ClientGate* gate;
    std::string logger;
    std::optional<Severity> own;  // of its options, or set since
    Severity level;
  };

  Levels();
  /// Around a fork, so that in the child the locks of all open clients are free and what they guard
  /// is consistent.
  void lock_for_fork();
  void unlock_after_fork();
  static std::optional<Severity> own_level(ClientState& state);
  Member* find(const ClientState& state);
  void apply(const LevelRules& rules);
  [[nodiscard]] Severity level_for(std::string_view logger, std::optional<Severity> own) const;
  [[nodiscard]] std::optional<Severity> inherited(std::string_view logger) const;
  /// Publishes the levels that have changed.
  void refresh();

  std::mutex mutex_;
  LevelRules environment_;  // constant
  LevelRules rules_;
  std::vector<Member> members_;  // in the order in which they were opened
};

}  // namespace metlog
