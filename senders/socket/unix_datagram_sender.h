#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"
#include "metlog/sender.h"
#include "senders/sender/retry_deadline.h"

namespace metlog {

/// Sends each message as a datagram to a socket of this machine, such as /dev/log. While its reader
/// is slow the sender is busy. While nobody reads it, or it does not exist, messages wait for
/// `hold`; then they are lost as kNoReceiver, at once until it is there again. A message longer
/// than `max_datagram`, or than the kernel takes, is lost as kTooLong; to the journal it goes as a
/// sealed file in memory, whose descriptor is passed, and is lost as kRefused where none can be
/// made. A message counts as sent when the kernel has it: what a reader that ends has not read is
/// lost without a notice.
class UnixDatagramSender final : public Sender {
 public:
  enum class Protocol {
    kPlain,    // the message
    kJournal,  // journald's native one: the message and its newline
  };
  struct Options {
    std::string path;
    std::chrono::milliseconds hold{2000};
    std::string url = {};                 // for messages; `unix://path` when empty
    std::size_t max_datagram = SIZE_MAX;  // bytes
    Protocol protocol = Protocol::kPlain;
  };

  /// kInvalidArgument for a path that no socket can have.
  static absl::Status check(const Options& options);
  /// Errors as check(). The socket need not exist yet.
  static absl::StatusOr<std::unique_ptr<Sender>> open(Options options);

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds) override { return true; }
  [[nodiscard]] Handover handover() const override { return Handover::kKernel; }
  [[nodiscard]] std::string_view url() const override { return url_; }

 private:
  explicit UnixDatagramSender(Options options);
  bool connect();
  /// Returns 0 or an errno.
  int send_one(std::string_view message) const;
  SendResult wait_or_lose(Batch& batch);

  const Options options_;
  const std::string url_;
  UniqueFd fd_;
  RetryDeadline hold_;
};

/// Returns what a URL `scheme:` or `scheme:/path` says: the path, or `preset` when it has none, and
/// the options hold_ms and max_datagram. kInvalidArgument for anything else.
absl::StatusOr<UnixDatagramSender::Options> local_options(const Url& url,
                                                          const std::string& preset);

}  // namespace metlog
