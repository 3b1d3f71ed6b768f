#include "senders/fd_writer.h"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>

#include "senders/quiet_signals.h"

namespace metlog {
namespace {

bool is_regular(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

/// Whole lines up to PIPE_BUF bytes; the head of the line when the first is longer.
std::string_view piece_for_a_pipe(std::string_view bytes) {
  if (bytes.size() <= PIPE_BUF) return bytes;
  const std::size_t newline = bytes.rfind('\n', PIPE_BUF - 1);
  return bytes.substr(0, newline == std::string_view::npos ? PIPE_BUF : newline + 1);
}

bool takes_more(int fd) {
  pollfd entry{fd, POLLOUT, 0};
  return ::poll(&entry, 1, 0) != 0;
}

}  // namespace

FdWriter::FdWriter(int fd) : fd_(fd), is_file_(is_regular(fd)) {}

int FdWriter::write(Batch& batch) {
  const QuietSignals quiet;
  if (batch.is_inside_message() && half_line_bytes_ == 0) {
    // Its beginning was taken back, or went elsewhere: the rest alone is no line.
    batch.lose_message(LossReason::kRefused);
  }
  if (!batch.is_inside_message()) {
    const int error = end_line();
    if (error != 0) return error;
  }
  int error = 0;
  while (!batch.is_done() && error == 0) {
    std::size_t written = 0;
    error = write_some(batch.remaining_bytes(), written);
    batch.take_bytes(written);
    note_half_line(batch);
  }
  return error;
}

int FdWriter::write_some(std::string_view bytes, std::size_t& written) {
  if (!is_file_ && !takes_more(fd_)) return EAGAIN;
  const std::string_view piece = is_file_ ? bytes : piece_for_a_pipe(bytes);
  const ssize_t result = ::write(fd_, piece.data(), piece.size());
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
  if (half_line_bytes_ > 0 && !take_back_half_line()) needs_newline_ = true;
  half_line_bytes_ = 0;
  if (!needs_newline_) return 0;
  const QuietSignals quiet;
  while (needs_newline_) {
    std::size_t written = 0;
    const int error = write_some("\n", written);
    if (error != 0) return error;
    if (written == 1) needs_newline_ = false;
  }
  return 0;
}

bool FdWriter::take_back_half_line() {
  if (!is_file_) return false;
  struct stat status {};
  // Only while nobody has written behind it.
  if (::fstat(fd_, &status) != 0 || status.st_size != half_line_end_) return false;
  if (::lseek(fd_, 0, SEEK_CUR) != half_line_end_) return false;
  const off_t line_start = half_line_end_ - static_cast<off_t>(half_line_bytes_);
  return ::ftruncate(fd_, line_start) == 0 && ::lseek(fd_, line_start, SEEK_SET) == line_start;
}

}  // namespace metlog
