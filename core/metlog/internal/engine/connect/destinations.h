#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/thread_place.h"
#include "metlog/internal/engine/connect/shared_threads.h"
#include "metlog/internal/flush/destination.h"
#include "metlog/internal/session/session.h"
#include "metlog/make_sender.h"
#include "metlog/options.h"

namespace metlog {

/// How the client in a slot was opened, so that a forked child can open it again.
struct OpenSlot {
  SenderFactory connect;  // null for a sender that was passed in, which cannot be made again
  ClientOptions options;
  // Of the destination that it had then.
  std::string url;
  Handover handover = Handover::kNone;
  Severity level = Severity::kTrace;  // less severe messages do not go there
  // Of a client with several destinations, which has a slot for each.
  bool is_waited_for = false;
  std::optional<std::uint32_t> first_slot = std::nullopt;
  std::vector<std::uint32_t> others = {};  // in the first one: all other slots
};

/// Returns what the session holds of the client in a slot, which goes to `destination`.
SessionClient describe(std::uint32_t slot, const OpenSlot& open, const Destination& destination);

/// Makes the destinations of an engine's clients: the senders, the queues, whose streams are unique
/// in the session, and their threads. Clients of one URL share these, one for each connection; a
/// sender of the program, or of its factory, has one of its own. Any thread.
class Destinations {
 public:
  struct Options {
    std::array<std::uint8_t, 16> session;
    int directory_fd = -1;  // of the session, for the batches; -1 for none
    bool have_threads = true;
    ThreadPlace thread;  // of the queues
  };
  explicit Destinations(Options options)
      : options_(std::move(options)), threads_(options_.thread) {}

  /// Makes one with options.pool_size connections. Errors are those of `connect`, and of
  /// start_thread().
  absl::StatusOr<std::unique_ptr<Destination>> make(const SenderFactory& connect,
                                                    const ClientOptions& options);
  /// The same for one connection.
  absl::StatusOr<std::unique_ptr<Destination>> make(std::unique_ptr<Sender> sender,
                                                    const ClientOptions& options);
  /// Makes that of a client of the parent in a forked child, without threads. Connections that
  /// cannot be made get a StandInSender.
  std::unique_ptr<Destination> make_again(const OpenSlot& open);

 private:
  /// Returns the thread of the connection of this index, from 0; null for one of its own.
  std::shared_ptr<QueueThread> thread_for(const SenderFactory& connect, std::size_t index);
  std::unique_ptr<SendQueue> queue_for(std::unique_ptr<Sender> sender, const ClientOptions& options,
                                       std::shared_ptr<QueueThread> thread);
  absl::StatusOr<std::unique_ptr<Destination>> started(
      std::vector<std::unique_ptr<SendQueue>> queues, const ClientOptions& options) const;

  const Options options_;
  SharedThreads threads_;
  std::atomic<std::uint32_t> next_stream_{0};
};

}  // namespace metlog
