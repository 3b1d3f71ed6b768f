#include "senders/file/stream_senders.h"

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/signal_block.h"
#include "metlog/internal/base/standard_descriptors.h"
#include "metlog/internal/flush/last_trouble.h"
#include "metlog/make_sender.h"

namespace metlog {

absl::StatusOr<std::unique_ptr<Sender>> StdoutSender::open(int fd) {
  keep_standard_descriptors();
  const bool is_stdout = fd == STDOUT_FILENO;
  if (!is_usable_descriptor(fd)) {
    return absl::FailedPreconditionError(absl::StrCat(
        is_stdout ? "stdout:" : "stderr:", " cannot be written: descriptor ", fd,
        " is closed in this process; start it with an open ",
        is_stdout ? "standard output" : "standard error", ", or choose another destination"));
  }
  return std::unique_ptr<Sender>(
      std::make_unique<StdoutSender>(fd, is_stdout ? "stdout:" : "stderr:"));
}

SendResult StdoutSender::send(Batch& batch) {
  const int error = writer_.write(batch);
  if (error == 0) return SendResult::kSent;
  if (error == EAGAIN) return SendResult::kBusy;
  note_trouble("write", error);
  batch.lose_rest(LossReason::kRefused);
  writer_.end_line();
  return SendResult::kLost;
}

bool StdoutSender::flush(std::chrono::nanoseconds) { return writer_.end_line() == 0; }

SendResult StreamSender::send(Batch& batch) {
  if (write(batch.lines(0, batch.remaining_count()))) {
    batch.take_messages(batch.remaining_count());
    return SendResult::kSent;
  }
  batch.lose_rest(LossReason::kRefused);
  return SendResult::kLost;
}

bool StreamSender::flush(std::chrono::nanoseconds) { return write({}); }

bool StreamSender::write(std::string_view lines) {
  const ScopedSignalBlock quiet;  // the stream may write to a pipe or a file
  try {
    stream_.clear();
    stream_.write(lines.data(), static_cast<std::streamsize>(lines.size()));
    stream_.flush();
    return stream_.good();
  } catch (...) {
    // A stream may be set to throw instead of setting a bit; both count as refused.
    return false;
  }
}

std::unique_ptr<Sender> make_stream_sender(std::ostream& stream) {
  return std::make_unique<StreamSender>(stream);
}

}  // namespace metlog
