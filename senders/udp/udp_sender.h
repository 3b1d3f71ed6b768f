#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"
#include "metlog/sender.h"
#include "senders/udp/datagrams.h"

namespace metlog {

/// `udp://host:port` sends a datagram a message, without a newline. IPv6 stands in brackets; a
/// name is resolved once, at open(). Options:
///   max_datagram=N   bytes, 1..65507, default 65507; a longer message is lost as kTooLong
///   batch=1          batched frames, each of as many messages as fit; see docs/wire.md. Then
///                    max_datagram is 128..65507, default 1400; a message that does not fit has a
///                    datagram of up to 65507 to itself, unless max_datagram stands in the URL
///   segment=1        with batch=1: the kernel cuts the datagrams, which are of equal size, from
///                    what is given to it in one piece; where it cannot, as without
///   sndbuf=N         bytes of the socket's send buffer, 1..1073741824, default the system's;
///                    the kernel caps it at net.core.wmem_max
/// UDP gives no receipt: a message counts as sent when the kernel took it. That nobody listens
/// (ICMP "connection refused") concerns a datagram sent before and changes no count.
class UdpSender final : public Sender {
 public:
  /// kInvalidArgument for the URL; kUnavailable and the like carry the system's reason.
  static absl::StatusOr<std::unique_ptr<Sender>> open(const Url& url);

  SendResult send(Batch& batch) override;
  /// What send() took is in the kernel already.
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return url_; }

 private:
  UdpSender(std::string url, UniqueFd socket, std::unique_ptr<Datagrams> datagrams);

  std::string url_;
  UniqueFd socket_;
  std::unique_ptr<Datagrams> datagrams_;
};

}  // namespace metlog
