#include "tools/router/input/line_input.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "metlog/internal/base/errno_status.h"
#include "tools/router/input/address.h"
#include "tools/router/input/bound_sockets.h"

namespace metlog {
namespace {

constexpr int kBacklog = 128;
constexpr std::size_t kChunkBytes = 64 * 1024;
// Of one poll(): lines without an end, or connections that come and go, yield no frames.
constexpr int kEventsInAPoll = 64;

UniqueFd spare_descriptor() { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

/// Lets the kernel find peers that are gone without a word, in about two minutes.
void ask_for_probes(int fd) {
  const int on = 1;
  const int idle_s = 60;
  const int interval_s = 15;
  const int count = 4;
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
}

absl::Status cannot(std::string_view endpoint, std::string_view what, int error) {
  return absl::UnavailableError(errno_status(error, fmt::format("{}: {}", endpoint, what),
                                             "raise the limit of open files (ulimit -n)")
                                    .message());
}

}  // namespace

/// Passes frames on, counts them, and remembers whether the sink has enough.
class LineInput::Tally final : public FrameSink {
 public:
  explicit Tally(FrameSink& sink) : sink_(sink) {}

  bool take(const Frame& frame) override {
    ++frames_;
    wants_more_ = sink_.take(frame) && wants_more_;
    return wants_more_;
  }
  [[nodiscard]] bool needs_padding() const override { return sink_.needs_padding(); }
  [[nodiscard]] std::size_t frames() const { return frames_; }
  [[nodiscard]] bool wants_more() const { return wants_more_; }

 private:
  FrameSink& sink_;
  std::size_t frames_ = 0;
  bool wants_more_ = true;
};

absl::StatusOr<std::vector<std::unique_ptr<LineInput>>> LineInput::open_tcp(
    std::string_view address, Reach reach, const Options& options) {
  absl::StatusOr<std::vector<UdpAddress>> resolved = resolve_tcp_addresses(address);
  if (!resolved.ok()) return resolved.status();
  auto sockets = bound_sockets(*std::move(resolved), SOCK_STREAM, reach, address);
  if (!sockets.ok()) return sockets.status();
  std::vector<std::unique_ptr<LineInput>> inputs;
  for (UniqueFd& fd : *sockets) {
    std::unique_ptr<LineInput> input(new LineInput(bound_tcp_url(fd.get()), options));
    // Two sockets may be bound to a port as long as none listens.
    if (::listen(fd.get(), kBacklog) != 0) return cannot_bind(address, errno, "port 0");
    input->tcp_ = std::move(fd);
    if (absl::Status status = input->start(input->tcp_.get()); !status.ok()) return status;
    inputs.push_back(std::move(input));
  }
  return inputs;
}

absl::StatusOr<std::unique_ptr<LineInput>> LineInput::open_unix(std::string_view path,
                                                                mode_t permissions,
                                                                const Options& options) {
  absl::StatusOr<IpcListener> listener = IpcListener::open(path, "unix", permissions);
  if (!listener.ok()) return listener.status();
  std::unique_ptr<LineInput> input(new LineInput("unix://" + listener->path(), options));
  input->unix_ = std::make_unique<const IpcListener>(*std::move(listener));
  if (absl::Status status = input->start(input->unix_->fd()); !status.ok()) return status;
  return input;
}

LineInput::LineInput(std::string endpoint, const Options& options)
    : endpoint_(std::move(endpoint)), options_(options), chunk_(kChunkBytes) {}

absl::Status LineInput::start(int listener) {
  listener_ = listener;
  epoll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  spare_ = spare_descriptor();
  if (!epoll_.is_open() || !watch(listener)) return cannot(endpoint_, "cannot wait", errno);
  return absl::OkStatus();
}

bool LineInput::watch(int fd) const {
  epoll_event wanted{};
  wanted.events = EPOLLIN;
  wanted.data.fd = fd;
  return ::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &wanted) == 0;
}

// All lines of a read are passed, so none waits here where no poll handle shows it. One event at a
// time: the kernel puts what it has reported at the end of its list, so each connection has its
// turn also when the frames of one are enough for a poll.
std::size_t LineInput::poll(FrameSink& sink, std::size_t max_frames) {
  Tally tally(sink);
  is_dry_ = false;
  fill_ = 0;
  for (int i = 0; i < kEventsInAPoll && tally.wants_more() && tally.frames() < max_frames; ++i) {
    epoll_event event{};
    if (::epoll_wait(epoll_.get(), &event, 1, 0) <= 0) {
      is_dry_ = true;
      break;
    }
    const auto found = connections_.find(event.data.fd);
    if (found == connections_.end()) {
      accept_one();
    } else {
      read(found->second, tally);
    }
  }
  counts_.frames += tally.frames();
  return tally.frames();
}

void LineInput::accept_one() {
  UniqueFd fd(::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!fd.is_open()) {
    if (errno == EMFILE || errno == ENFILE) {
      refuse_one();
    } else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
      ++counts_.errors;
    }
    return;
  }
  const int number = fd.get();
  if (connections_.size() >= options_.max_connections || !watch(number)) {
    ++counts_.refused_connections;
    return;
  }
  if (tcp_.is_open()) ask_for_probes(number);
  ++counts_.connections;
  connections_.emplace(number, Connection{std::move(fd), LineSplitter(options_.max_line)});
}

/// Without a descriptor for it a connection would stay, and be reported for ever.
void LineInput::refuse_one() {
  ++counts_.errors;
  spare_ = UniqueFd();
  if (UniqueFd(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC)).is_open()) {
    ++counts_.refused_connections;
  }
  spare_ = spare_descriptor();
}

void LineInput::read(Connection& connection, Tally& tally) {
  const ssize_t size = ::recv(connection.fd.get(), chunk_.data(), chunk_.size(), 0);
  if (size > 0) {
    connection.lines.add({chunk_.data(), static_cast<std::size_t>(size)}, tally);
    if (static_cast<std::size_t>(size) == chunk_.size()) fill_ = 1;
    return;
  }
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  end(connection, tally, size < 0);
}

void LineInput::end(Connection& connection, Tally& tally, bool is_cut) {
  const std::size_t before = tally.frames();
  connection.lines.finish(tally);
  if (is_cut) counts_.cut_lines += tally.frames() - before;
  connections_.erase(connection.fd.get());
}

std::size_t LineInput::finish(FrameSink& sink) {
  Tally tally(sink);
  while (!connections_.empty()) end(connections_.begin()->second, tally, true);
  counts_.frames += tally.frames();
  return tally.frames();
}

InputCounts LineInput::counts() const {
  InputCounts counts = counts_;
  counts.open_connections = connections_.size();
  return counts;
}

}  // namespace metlog
