#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "senders/sender/live_connection_counts.h"
#include "senders/zmq/zmq_link.h"
#include "senders/zmq/zmq_socket.h"
#include "senders/zmq/zmq_subscriptions.h"

namespace metlog {

/// A publishing socket that connects to one peer, and whether that peer has subscribed. Used by
/// one thread at a time, but never in a forked child.
class ZmqConnection {
 public:
  ~ZmqConnection();
  ZmqConnection(const ZmqConnection&) = delete;
  ZmqConnection& operator=(const ZmqConnection&) = delete;

  struct Options {
    int hwm = 0;  // messages that libzmq may hold
    ZmqLink link = {};
    LiveConnectionCounts* counts = nullptr;  // where it counts what happens to it; must outlive it
  };
  /// `endpoint` as libzmq takes it.
  static absl::StatusOr<std::unique_ptr<ZmqConnection>> open(const std::string& endpoint,
                                                             const Options& options);

  [[nodiscard]] void* socket() const { return socket_.get(); }
  [[nodiscard]] const ZmqContext& context() const { return *socket_.context(); }

  /// Reads new events; true while connected to a peer that has answered and subscribed.
  bool has_subscriber();
  /// After libzmq's queue was full: waits until its thread has read from it, for `limit` at most,
  /// or something else has happened to the connection.
  void wait_for_news(std::chrono::nanoseconds limit);
  /// True when the peer asked for batched frames, as of the last has_subscriber().
  [[nodiscard]] bool reads_batched() const { return subscriptions_.reads_batched(); }
  /// True when the address could not be connected to, or not again, and libzmq goes on trying.
  [[nodiscard]] bool has_failed() const { return has_failed_; }
  /// True when libzmq does not try again: the peer was refused, since it does not speak ZMTP 3.
  [[nodiscard]] bool has_ended() const;
  /// Replaces a connection that goes to another address or has ended, and has no frame in libzmq's
  /// queue.
  void replace(const ZmqConnection& other) { account_ = other.account_; }
  /// Says that libzmq has taken a frame.
  void note_sent();
  /// Polls whether all that was sent is out: no frame is in libzmq's queue (`queue_is_read`),
  /// libzmq's thread has written what it read, and the kernel's queue is empty. Takes several
  /// calls. Never true once a peer has gone since the first frame that was not out, until something
  /// is sent after that answer. See zmq_sender.h for what true means.
  bool poll_flushed(bool queue_is_read);

 private:
  ZmqConnection(ZmqSocket socket, ZmqSocket monitor, LiveConnectionCounts& counts);
  bool set_up(const std::string& endpoint, const Options& options);
  void end_monitoring();
  void read_subscriptions();
  /// False when there is none.
  bool read_event();
  void note_retry(std::string_view address);
  void note_end();
  [[nodiscard]] bool is_kernel_queue_empty() const;
  /// A pass of libzmq's thread through its loop; over when pass_ is empty.
  void begin_pass();
  void end_pass();
  bool advance_flush();

  ZmqSocket socket_;
  ZmqSocket monitor_;
  LiveConnectionCounts& counts_;
  ZmqSubscriptions subscriptions_;
  bool is_up_ = false;  // connected to a peer that has answered the greeting
  int peer_fd_ = -1;    // libzmq's descriptor, while connected
  struct Account {      // since everything was out
    bool has_sent = false;
    bool has_lost_peer = false;
    bool reported_loss = false;
  };
  Account account_;
  bool has_failed_ = false;
  std::optional<std::chrono::steady_clock::time_point> gone_since_;  // the peer; until a retry
  int flush_step_ = 0;
  std::string pass_;  // the endpoint that shows when the pass is over
  std::uint64_t pass_count_ = 0;
};

}  // namespace metlog
