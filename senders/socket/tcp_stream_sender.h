#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"
#include "metlog/sender.h"
#include "senders/sender/host_lookup.h"
#include "senders/sender/live_connection_counts.h"
#include "senders/sender/resolved_host.h"
#include "senders/sender/retry_deadline.h"

namespace metlog {

/// How a stream is divided into messages.
enum class StreamFraming {
  kNewline,     // a newline behind each
  kOctetCount,  // `LENGTH ` before each, as RFC 6587 has it
};

/// Sends each message over a TCP connection, which it opens again when it breaks. Messages wait for
/// it for `hold`; after that they are lost as kNoReceiver, at once while it stays away.
///
/// A message counts as sent when the peer's kernel has confirmed its bytes. Until then the batch is
/// kept (kHeld), and after a broken connection what was not confirmed is sent again on the next
/// one: a message may arrive twice, but is lost only where the peer's kernel had it and the peer's
/// program did not read it. No plain TCP receiver tells that. A peer that takes nothing for a
/// minute counts as gone.
class TcpStreamSender final : public Sender {
 public:
  struct Options {
    HostAndPort target;
    std::string url;  // for messages
    StreamFraming framing = StreamFraming::kNewline;
    std::chrono::milliseconds hold{2000};
    HostResolver resolve = resolve_host;
  };

  /// Resolves the host now, and begins to connect; looks it up again when no address of it can be
  /// connected to. kUnavailable carries the system's reason.
  static absl::StatusOr<std::unique_ptr<Sender>> open(Options options);

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds limit) override;
  Batch* take_settled() override;
  void abandon() override;
  [[nodiscard]] Handover handover() const override { return Handover::kKernel; }
  std::chrono::nanoseconds idle() override;
  [[nodiscard]] std::string_view url() const override { return options_.url; }
  [[nodiscard]] ConnectionCounts connections() const override { return counts_.read(); }

 private:
  using Clock = std::chrono::steady_clock;
  enum class State { kDown, kConnecting, kUp };

  /// Where the next byte to write is: in the batch window_[batch], in the message at this index, so
  /// many bytes behind the beginning of its frame.
  struct Place {
    std::size_t batch = 0;
    std::size_t message = 0;
    std::size_t offset = 0;
  };

  explicit TcpStreamSender(Options options);
  void advance();
  void connect();
  void await_connection();
  void disconnect();
  void turn();
  void note_peer();
  void write();
  bool write_some();
  void pass_written(std::size_t bytes);
  void settle();
  void lose_window();
  void forget_done();
  [[nodiscard]] std::size_t frame_bytes(std::string_view message) const;

  const Options options_;
  HostLookup lookup_;
  Addresses addresses_;
  const addrinfo* address_ = nullptr;  // of addresses_, that is tried or used
  LiveConnectionCounts counts_;
  UniqueFd fd_;
  State state_ = State::kDown;
  Clock::time_point next_try_;          // kDown: when to connect; kConnecting: when to give it up
  std::chrono::milliseconds pause_{0};  // before the next try
  RetryDeadline hold_;

  // Not settled yet: held batches, and last the one that send() is given again and again.
  std::deque<Batch*> window_;
  bool is_last_held_ = true;
  std::deque<Batch*> settled_;  // held batches for take_settled()
  Place place_;
  std::uint64_t written_ = 0;    // bytes, on this connection
  std::uint64_t confirmed_ = 0;  // of them, in messages that are settled
};

}  // namespace metlog
