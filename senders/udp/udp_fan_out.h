#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/url.h"
#include "metlog/sender.h"
#include "senders/udp/udp_socket.h"

namespace metlog {

/// `udp://host1:port1,host2:port2` sends every message to every destination, one datagram each, in
/// the order of the list. A message counts as sent when the kernel took it for all of them, and as
/// lost when one of them refused it; the others are sent nevertheless. Closed ports and several
/// addresses of a host are treated as in UdpSender. Option:
///   late=1   a host that cannot be resolved when the sender is opened is no error: send() tries
///            again at most every 5 s, and waits for the resolver then
class UdpFanOut final : public Sender {
 public:
  /// True for a URL that UdpSender cannot serve: several hosts, or the option `late`.
  static bool is_meant_by(const Url& url);
  /// kInvalidArgument for the URL; kUnavailable and the like carry the system's reason.
  static absl::StatusOr<std::unique_ptr<Sender>> open(const Url& url);
  /// Settings as a URL has them.
  struct Settings {
    std::vector<HostAndPort> destinations;  // at least one
    bool is_late = false;

    /// The URL that says the same.
    [[nodiscard]] std::string url() const;
  };
  /// A UdpSender when there is a single destination and it can be resolved now.
  static absl::StatusOr<std::unique_ptr<Sender>> open(const Settings& settings, std::string url);
  /// The settings that a URL has.
  static absl::StatusOr<Settings> settings_of(const Url& url);

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds limit) override;
  [[nodiscard]] Handover handover() const override { return Handover::kKernel; }
  [[nodiscard]] std::string_view url() const override { return url_; }
  [[nodiscard]] ConnectionCounts connections() const override { return counts_.read(); }

 private:
  struct Destination {
    HostAndPort target;
    std::optional<UdpTarget> peer;  // none until the host is resolved
    std::chrono::steady_clock::time_point next_retry = {};
  };

  explicit UdpFanOut(std::string url) : url_(std::move(url)) {}
  /// Returns 0 or an errno.
  int send_to(Destination& destination, std::string_view message);

  const std::string url_;
  std::vector<Destination> destinations_;
  LiveConnectionCounts counts_;
  // State of the message at the batch's cursor, which a busy destination may delay.
  std::size_t next_ = 0;
  std::optional<LossReason> failed_;
  std::size_t late_refusals_ = 0;  // of messages that were counted as sent
};

}  // namespace metlog
