#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"
#include "metlog/sender.h"
#include "senders/udp/datagrams.h"

namespace metlog {

/// `udp://host:port` sends each message as one datagram, without a newline. IPv6 is written in
/// brackets; a name is resolved once, at open(). Options:
///   max_datagram=N   bytes, 1..65507, default 65507; a longer message is lost as kTooLong
///   batch=1          batched frames, each with as many messages as fit; see docs/wire.md. Then
///                    max_datagram is 128..65507, default 1400; a message that does not fit is
///                    sent in a datagram of its own, up to 65507 bytes, unless the URL sets
///                    max_datagram
///   segment=1        with batch=1: the kernel cuts datagrams of equal size from one piece; where
///                    it cannot, the option has no effect
///   sndbuf=N         bytes of the socket's send buffer, 1..1073741824, default the system's;
///                    the kernel caps it at net.core.wmem_max
/// UDP gives no receipt: a message counts as sent when the kernel took it. An ICMP "connection
/// refused" concerns an earlier datagram and changes no count.
class UdpSender final : public Sender {
 public:
  /// kInvalidArgument for the URL; kUnavailable and the like carry the system's reason.
  static absl::StatusOr<std::unique_ptr<Sender>> open(const Url& url);
  /// Without options; `url` is its name. Errors carry the system's reason.
  static absl::StatusOr<std::unique_ptr<Sender>> open(const HostAndPort& target, std::string url);

  SendResult send(Batch& batch) override;
  /// True: what send() took is in the kernel already.
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return url_; }

 private:
  UdpSender(std::string url, UniqueFd socket, std::unique_ptr<Datagrams> datagrams);

  std::string url_;
  UniqueFd socket_;
  std::unique_ptr<Datagrams> datagrams_;
};

}  // namespace metlog
