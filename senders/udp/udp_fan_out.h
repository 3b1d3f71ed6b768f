#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"
#include "metlog/sender.h"

namespace metlog {

/// `udp://host1:port1,host2:port2` sends every message to every destination, a datagram each, in
/// the order of the list. A message counts as sent when the kernel took it for all of them, and as
/// lost when one refused it; the others have it nevertheless. Option:
///   late=1   a host that cannot be resolved when the sender is opened is no error: it is looked
///            for again every 5 s at the most, for as long as the resolver takes
class UdpFanOut final : public Sender {
 public:
  /// Whether a URL asks for what this sender does and UdpSender does not.
  static bool is_meant_by(const Url& url);
  /// kInvalidArgument for the URL; kUnavailable and the like carry the system's reason.
  static absl::StatusOr<std::unique_ptr<Sender>> open(const Url& url);

  SendResult send(Batch& batch) override;
  /// What send() took is in the kernel already.
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] std::string_view url() const override { return url_; }

 private:
  struct Destination {
    Url url;
    UniqueFd socket;  // none until the host is resolved
    std::chrono::steady_clock::time_point next_look = {};
  };

  explicit UdpFanOut(std::string url) : url_(std::move(url)) {}
  int send_to(Destination& destination, std::string_view message);

  const std::string url_;
  std::vector<Destination> destinations_;
  // Of the message at the batch's cursor, which a busy destination may hold up.
  std::size_t next_ = 0;
  std::optional<LossReason> failed_;
};

}  // namespace metlog
