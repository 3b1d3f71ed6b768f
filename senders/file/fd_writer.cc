#include "senders/file/fd_writer.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "metlog/internal/base/signal_block.h"
#include "senders/file/appended_file.h"

namespace metlog {
namespace {

bool is_regular(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

/// Whole messages of up to PIPE_BUF bytes; PIPE_BUF bytes of the first when it is longer. A message
/// that was begun is completed alone.
std::string_view piece_for_a_pipe(const Batch& batch) {
  const std::string_view bytes = batch.remaining_bytes();
  if (bytes.size() <= PIPE_BUF) return bytes;
  std::size_t whole = 0;
  if (batch.is_inside_message()) {
    const std::string_view begun = batch.message(0);
    whole = static_cast<std::size_t>(begun.data() + begun.size() + 1 - bytes.data());
  } else {
    whole = batch.lines(0, batch.count_within(0, PIPE_BUF)).size();
  }
  return bytes.substr(0, whole == 0 || whole > PIPE_BUF ? PIPE_BUF : whole);
}

bool takes_more(int fd) {
  pollfd entry{fd, POLLOUT, 0};
  return ::poll(&entry, 1, 0) != 0;
}

}  // namespace

FdWriter::FdWriter(int fd) : fd_(fd), is_file_(is_regular(fd)) {}

int FdWriter::write(Batch& batch) {
  const ScopedSignalBlock quiet;
  if (batch.is_inside_message() && half_line_bytes_ == 0) {
    // Its beginning was taken back or written elsewhere: the rest alone is not a line.
    batch.lose_message(LossReason::kRefused);
  }
  if (!batch.is_inside_message()) {
    const int error = end_line();
    if (error != 0) return error;
  }
  int error = 0;
  while (!batch.is_done() && error == 0) {
    std::size_t written = 0;
    error = write_some(is_file_ ? batch.remaining_bytes() : piece_for_a_pipe(batch), written);
    batch.take_bytes(written);
    note_half_line(batch);
  }
  return error;
}

int FdWriter::write_some(std::string_view bytes, std::size_t& written) {
  if (!is_file_ && !takes_more(fd_)) return EAGAIN;
  const ssize_t result = ::write(fd_, bytes.data(), bytes.size());
  if (result < 0) return errno == EINTR ? 0 : errno;
  written = static_cast<std::size_t>(result);
  return result == 0 ? EAGAIN : 0;
}

void FdWriter::note_half_line(const Batch& batch) {
  half_line_bytes_ = 0;
  if (batch.is_done() || !batch.is_inside_message()) return;
  half_line_bytes_ =
      static_cast<std::size_t>(batch.remaining_bytes().data() - batch.message(0).data());
  if (is_file_) half_line_end_ = ::lseek(fd_, 0, SEEK_CUR);
}

int FdWriter::end_line() {
  if (half_line_bytes_ > 0 && !take_back_half_line()) line_end_ = kCutLineEnd;
  half_line_bytes_ = 0;
  if (line_end_.empty()) return 0;
  const ScopedSignalBlock quiet;
  while (!line_end_.empty()) {
    std::size_t written = 0;
    const int error = write_some(line_end_, written);
    if (error != 0) return error;
    line_end_.remove_prefix(written);
  }
  return 0;
}

bool FdWriter::take_back_half_line() {
  if (!is_file_) return false;
  struct stat status {};
  // Only if no other writer has appended since.
  if (::fstat(fd_, &status) != 0 || status.st_size != half_line_end_) return false;
  if (::lseek(fd_, 0, SEEK_CUR) != half_line_end_) return false;
  const off_t line_start = half_line_end_ - static_cast<off_t>(half_line_bytes_);
  return ::ftruncate(fd_, line_start) == 0 && ::lseek(fd_, line_start, SEEK_SET) == line_start;
}

}  // namespace metlog
