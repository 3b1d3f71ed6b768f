#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "metlog/engine.h"
#include "metlog/internal/flush/flusher.h"
#include "metlog/internal/session/session.h"

namespace metlog {

/// A client's place in its engine.
struct OpenSlot {
  std::string url;  // empty for a sender of the user's own, which cannot be made again
  ClientOptions options;
};

/// What an engine consists of. A forked child leaves its parent's behind as it is, for any of its
/// locks may be held by a thread that is no more, and makes a new one.
struct Engine::State {
  explicit State(Parts&& parts);

  const Threads threads;
  const EngineOptions options;
  const std::int64_t owner_pid;
  std::unique_ptr<IdleStrategy> idle;
  std::unique_ptr<Clock> clock;
  ClockLine first_line;
  std::unique_ptr<Session> session;               // null when the options say so
  std::array<std::uint8_t, 16> stream_session{};  // the session's id, or one of its own
  std::atomic<std::uint32_t> next_lane{0};
  std::unique_ptr<RingSet> rings;
  std::unique_ptr<Flusher> flusher;
  std::thread flusher_thread;
  std::atomic<bool> stopping{false};

  std::mutex slots_mutex;
  std::array<std::optional<OpenSlot>, kClientSlots> slots;
  std::uint32_t next_slot = 0;

  /// Lets the flusher run and the callers claim rings.
  void start();
  /// Ends the flusher's thread; nobody claims any more.
  void stop();

  [[nodiscard]] bool belongs_to_this_process() const;
  /// Takes a free slot; kClientSlots when there is none.
  std::uint32_t take_slot(OpenSlot slot);
  void give_back_slot(std::uint32_t slot);
  /// For a lane of a client with these options: its stream is like no other of the session.
  SendQueue::Options lane_options(const ClientOptions& client);
  /// A destination of as many connections as the options ask for.
  absl::StatusOr<std::unique_ptr<Destination>> make_destination(std::string_view url,
                                                                const ClientOptions& client);
  /// Makes a client's destination known to the flusher.
  void connect(std::uint32_t slot, std::unique_ptr<Destination> destination);
  /// Gives a client another destination and other options; `let_calls_know` stores what the calls
  /// look at. The old destination is stopped within `limit`.
  void reconnect(std::uint32_t slot, OpenSlot open, std::unique_ptr<Destination> destination,
                 std::chrono::nanoseconds limit, const std::function<void()>& let_calls_know);
  /// Waits until everything emitted before has left the rings, and what of it is this client's has
  /// been sent or lost; false when the time is over first.
  bool wait_until_settled(std::uint32_t slot, std::chrono::steady_clock::time_point deadline);
  /// The whole account of a slot whose destination's part is given.
  [[nodiscard]] Ledger complete(Ledger ledger, std::uint32_t slot) const;

 private:
  /// Lets the flusher and the callers' cold path know how the client in this slot works.
  Flusher::ClientSetup prepare(std::uint32_t slot, Destination& destination);
  void run();
  bool wait_until(const std::function<bool()>& is_reached,
                  std::chrono::steady_clock::time_point deadline);
};

}  // namespace metlog
