#include "senders/file/stream_senders.h"

#include <cerrno>

namespace metlog {

SendResult StdoutSender::send(Batch& batch) {
  const int error = writer_.write(batch);
  if (error == 0) return SendResult::kSent;
  if (error == EAGAIN) return SendResult::kBusy;
  batch.lose_rest(LossReason::kRefused);
  writer_.end_line();
  return SendResult::kLost;
}

bool StdoutSender::flush(std::chrono::nanoseconds) { return writer_.end_line() == 0; }

}  // namespace metlog
