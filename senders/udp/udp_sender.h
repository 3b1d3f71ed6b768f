#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"
#include "metlog/sender.h"
#include "senders/sender/live_connection_counts.h"
#include "senders/udp/udp_socket.h"

namespace metlog {

/// How the messages of a batch become datagrams. Used by one thread at a time.
class Datagrams {
 public:
  /// Datagrams in a system call.
  static constexpr std::size_t kMaxPerCall = 64;

  /// The result of one system call.
  struct Outcome {
    int error = 0;              // an errno; then nothing was sent
    std::size_t sent = 0;       // messages that the kernel took
    std::size_t datagrams = 0;  // that it took; those of one piece are refused together and count 1
    std::size_t refused = 1;    // with an error: messages of the datagram at fault
  };

  virtual ~Datagrams() = default;

  /// Bytes of the longest message, without its newline, that a datagram takes.
  [[nodiscard]] virtual std::size_t max_message_bytes() const = 0;
  /// Offers the kernel the messages from the batch's cursor on, in up to `max_datagrams` datagrams,
  /// kMaxPerCall at most.
  /// Requires that the message at the cursor is not too long. Does not move the cursor.
  virtual Outcome send(int socket, const Batch& batch, std::size_t max_datagrams) = 0;
};

/// Sends each message as one datagram, up to 64 in a call.
class PlainDatagrams final : public Datagrams {
 public:
  explicit PlainDatagrams(std::size_t max_datagram) : max_datagram_(max_datagram) {}

  [[nodiscard]] std::size_t max_message_bytes() const override { return max_datagram_; }
  Outcome send(int socket, const Batch& batch, std::size_t max_datagrams = kMaxPerCall) override;

 private:
  std::size_t max_datagram_;
};

/// Sends as many messages as fit into a datagram, with newlines between them, up to 64 datagrams in
/// a call. Lines are sent from the batch, without a copy. A longer message has a datagram to
/// itself.
class PackedDatagrams final : public Datagrams {
 public:
  explicit PackedDatagrams(std::size_t wanted) : wanted_(wanted) {}

  [[nodiscard]] std::size_t max_message_bytes() const override;
  Outcome send(int socket, const Batch& batch, std::size_t max_datagrams = kMaxPerCall) override;

 private:
  std::size_t wanted_;
};

/// Bytes of the longest datagram that UDP over IPv4 carries.
inline constexpr std::size_t kMaxDatagram = 65507;

/// Sizes of batched datagrams, header included.
struct DatagramLimits {
  std::size_t wanted;  // filled with as many messages as fit
  std::size_t max;     // of one that holds a single message; wanted..65507
};

/// Sends each batched frame as one datagram, up to 64 in a call. Lines are sent from the batch,
/// without a copy.
class BatchedDatagrams final : public Datagrams {
 public:
  explicit BatchedDatagrams(const DatagramLimits& limits) : limits_(limits) {}

  [[nodiscard]] std::size_t max_message_bytes() const override;
  Outcome send(int socket, const Batch& batch, std::size_t max_datagrams = kMaxPerCall) override;

 private:
  DatagramLimits limits_;
};

/// Sends batched frames of one length in one piece, which the kernel cuts into datagrams
/// (UDP_SEGMENT): up to 64 frames and 65,507 bytes in a call. Frames shorter than the longest of
/// the call are padded to it, except the last. A message that needs a larger frame is sent as
/// BatchedDatagrams does; so is everything once the kernel or the device has refused to cut.
class SegmentedDatagrams final : public Datagrams {
 public:
  explicit SegmentedDatagrams(const DatagramLimits& limits) : limits_(limits), whole_(limits) {}

  [[nodiscard]] std::size_t max_message_bytes() const override {
    return whole_.max_message_bytes();
  }
  Outcome send(int socket, const Batch& batch, std::size_t max_datagrams = kMaxPerCall) override;
  /// True until the kernel has refused.
  [[nodiscard]] bool kernel_cuts() const { return kernel_cuts_; }

 private:
  DatagramLimits limits_;
  BatchedDatagrams whole_;
  bool kernel_cuts_ = true;
};

/// `udp://host:port` sends each message as one datagram, without a newline. IPv6 is written in
/// brackets; a name is looked up at open(), when no address of it takes datagrams, and each minute,
/// see HostLookup. Options:
///   max_datagram=N   bytes, 1..65507, default 65507; a longer message is lost as kTooLong
///   batch=1          batched frames, each with as many messages as fit; see docs/wire.md. Then
///                    max_datagram is 128..65507, default 1400; a message that does not fit is
///                    sent in a datagram of its own, up to 65507 bytes, unless the URL sets
///                    max_datagram
///   segment=1        with batch=1: the kernel cuts datagrams of equal size from one piece; where
///                    it cannot, the option has no effect
///   pack=N           without batch=1: several messages in a datagram of up to N bytes, 1..65507,
///                    with newlines between them, as readers of statsd take them; a longer message
///                    has one to itself
///   sndbuf=N         bytes of the socket's send buffer, 1..1073741824, default the system's;
///                    the kernel caps it at net.core.wmem_max
/// A host may have several addresses: when the port is closed at one, the next is tried. UDP gives
/// no receipt: a message counts as sent when the kernel took it and no ICMP error has come back. On
/// the same machine the error comes before the next datagram, so a message to a closed port is lost
/// as kRefused, if all addresses refuse it. An error from another machine comes later, if it comes:
/// it is counted then, one later message as lost for each, and flush() says false while there is
/// one that is not counted yet.
class UdpSender final : public Sender {
 public:
  /// kInvalidArgument for the URL; kUnavailable and the like carry the system's reason.
  static absl::StatusOr<std::unique_ptr<Sender>> open(const Url& url);
  /// What is wrong with the URL; resolves no name.
  static absl::Status check(const Url& url);
  /// Without options; `url` is its name. Errors carry the system's reason.
  static absl::StatusOr<std::unique_ptr<Sender>> open(const HostAndPort& target, std::string url,
                                                      HostResolver resolve = resolve_host);

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds limit) override;
  [[nodiscard]] Handover handover() const override { return Handover::kKernel; }
  [[nodiscard]] std::string_view url() const override { return url_; }
  [[nodiscard]] ConnectionCounts connections() const override { return counts_.read(); }

 private:
  UdpSender(std::string url, UdpTarget peer, std::unique_ptr<Datagrams> datagrams);
  void take(Batch& batch, std::size_t count);
  bool turn_or_lose(Batch& batch, std::size_t messages);

  std::string url_;
  UdpTarget target_;
  LiveConnectionCounts counts_;
  std::unique_ptr<Datagrams> datagrams_;
  std::size_t refused_in_turn_ = 0;  // addresses, of the message at the cursor
  bool is_refused_ = false;          // the last datagram was
  std::size_t late_refusals_ = 0;    // of datagrams that were counted as sent
};

}  // namespace metlog
