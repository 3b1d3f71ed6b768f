#include "senders/no_send_sender.h"

#include <limits.h>
#include <poll.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "senders/quiet_signals.h"

namespace metlog {
namespace {

/// Writes what goes without waiting: pieces of PIPE_BUF go whole where poll() says so.
void write_without_waiting(int fd, std::string_view text) {
  while (!text.empty()) {
    pollfd wanted{fd, POLLOUT, 0};
    if (::poll(&wanted, 1, 0) != 1 || (wanted.revents & POLLOUT) == 0) return;
    const std::string_view piece = text.substr(0, PIPE_BUF);
    const ssize_t written = ::write(fd, piece.data(), piece.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace

SendResult NoSendSender::send(Batch& batch) {
  const QuietSignals quiet;
  while (!batch.is_done()) {
    // Losses are the ledger's to tell: a line about them for each line would be said twice.
    if (batch.origin() == Batch::Origin::kUser) {
      const std::string_view message = batch.message(0);
      const std::string line = absl::StrCat("Error sending message (NotImplementedError()): [",
                                            absl::string_view(message.data(), message.size()), "]");
      write_without_waiting(fd_, line);
    }
    batch.lose_message(LossReason::kRefused);
  }
  return SendResult::kSent;
}

}  // namespace metlog
