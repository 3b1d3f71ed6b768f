#include "senders/sender/null_sender.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/signal_block.h"
#include "senders/sender/stderr_tee.h"

namespace metlog {

SendResult NoSendSender::send(Batch& batch) {
  const ScopedSignalBlock quiet;
  while (!batch.is_done()) {
    // metlog.loss messages are skipped: the ledger reports their losses.
    if (batch.origin() == Batch::Origin::kUser) {
      const std::string_view message = batch.message(0);
      std::string line = absl::StrCat("Error sending message (NotImplementedError()): [",
                                      absl::string_view(message.data(), message.size()), "]");
      if (!next_step_.empty()) absl::StrAppend(&line, "\nmetlog: ", next_step_, "\n");
      next_step_.clear();
      write_without_waiting(fd_, line);
    }
    batch.lose_message(LossReason::kRefused);
  }
  return SendResult::kSent;
}

}  // namespace metlog
