#include "tools/router/web/http_server.h"

#include <fmt/format.h>
#include <httplib.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/base/start_thread.h"
#include "metlog/internal/base/unique_fd.h"
#include "tools/router/input/address.h"

namespace metlog {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Waits for the descriptor until `until`; false when it is not ready by then.
bool wait_for_fd(int fd, short events, Clock::time_point until) {
  for (;;) {
    const auto left = std::chrono::ceil<milliseconds>(until - Clock::now());
    pollfd entry{fd, events, 0};
    const int ready = ::poll(&entry, 1, static_cast<int>(std::max<long>(left.count(), 0)));
    if (ready > 0) return true;
    if (ready == 0 || errno != EINTR) return false;
  }
}

/// One connection, with an end to what it may send and to its time.
class BoundedStream final : public httplib::Stream {
 public:
  BoundedStream(int fd, std::size_t max_bytes, Clock::time_point until)
      : fd_(fd), bytes_left_(max_bytes), until_(until) {}

  [[nodiscard]] bool is_readable() const override {
    return begin_ != end_ || wait_for_fd(fd_, POLLIN, until_);
  }
  [[nodiscard]] bool is_writable() const override { return wait_for_fd(fd_, POLLOUT, until_); }

  ssize_t read(char* out, std::size_t size) override {
    if (begin_ == end_ && !fill()) return -1;
    const std::size_t count = std::min(size, end_ - begin_);
    std::memcpy(out, buffer_.data() + begin_, count);
    begin_ += count;
    return static_cast<ssize_t>(count);
  }

  ssize_t write(const char* text, std::size_t size) override {
    std::size_t written = 0;
    while (written < size) {
      const ssize_t result = ::send(fd_, text + written, size - written, MSG_NOSIGNAL);
      if (result >= 0) {
        written += static_cast<std::size_t>(result);
      } else if (errno != EINTR && (errno != EAGAIN || !is_writable())) {
        return -1;
      }
      if (Clock::now() >= until_) return -1;
    }
    return static_cast<ssize_t>(written);
  }

  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  [[nodiscard]] socket_t socket() const override { return fd_; }

 private:
  bool fill() {
    if (bytes_left_ == 0 || Clock::now() >= until_) return false;
    if (!wait_for_fd(fd_, POLLIN, until_)) return false;
    const ssize_t count = ::recv(fd_, buffer_.data(), std::min(buffer_.size(), bytes_left_), 0);
    if (count <= 0) return false;
    begin_ = 0;
    end_ = static_cast<std::size_t>(count);
    bytes_left_ -= end_;
    return true;
  }

  const int fd_;
  std::size_t bytes_left_;
  const Clock::time_point until_;
  std::array<char, 4096> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

/// The protocol: reads a request from a stream and writes what the handler answers. The sockets are
/// ours, so that they have limits; httplib's own have a time for each byte only.
class Protocol final : private httplib::Server {
 public:
  explicit Protocol(HttpServer::Handler handler) : handler_(std::move(handler)) {
    set_default_headers({{"Cache-Control", "no-store"},
                         {"X-Content-Type-Options", "nosniff"},
                         {"X-Frame-Options", "DENY"}});
    set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
      answer(request, response);
      return HandlerResponse::Handled;
    });
  }

  void serve(httplib::Stream& stream) {
    bool is_closed = false;
    // Ranges of a body would multiply it.
    process_request(stream, true, is_closed,
                    [](httplib::Request& request) { request.ranges.clear(); });
  }

 private:
  void answer(const httplib::Request& request, httplib::Response& response) {
    if (request.method != "GET" && request.method != "HEAD") {
      response.status = 405;
      response.set_header("Allow", "GET, HEAD");
      response.set_content("only GET and HEAD\n", "text/plain");
      return;
    }
    const HttpResponse answer =
        handler_({request.method, request.path, request.get_header_value("Host"),
                  [&request](const std::string& name) { return request.get_param_value(name); }});
    response.status = answer.status;
    response.set_content(answer.body, answer.content_type.c_str());
  }

  const HttpServer::Handler handler_;
};

absl::StatusOr<UniqueFd> bind_to(const UdpAddress& to, const std::string& address) {
  UniqueFd fd(::socket(to.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!fd.is_open()) return errno_status(errno, address + ": no socket", "raise ulimit -n");
  const int on = 1;
  // Connections of an earlier run that are still closing do not keep the port.
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd.get(), to.get(), to.size) != 0 || ::listen(fd.get(), SOMAXCONN) != 0) {
    return errno_status(errno, "http = \"" + address + "\"",
                        "end what uses that port, or choose another one; 0 lets the kernel choose");
  }
  return fd;
}

class BoundedServer final : public HttpServer {
 public:
  BoundedServer(Options options, UniqueFd listener)
      : options_(std::move(options)),
        listener_(std::move(listener)),
        stop_fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    constexpr std::string_view kUdp = "udp://";
    url_ = "http://" + bound_udp_url(listener_.get()).substr(kUdp.size());
  }
  ~BoundedServer() override { stop(); }

  absl::Status start(Handler handler) override {
    if (!stop_fd_.is_open()) return errno_status(EMFILE, "no eventfd", "raise ulimit -n");
    protocol_ = std::make_unique<Protocol>(std::move(handler));
    threads_.resize(options_.threads + 1);
    for (std::size_t i = 0; i < threads_.size(); ++i) {
      absl::Status status = start_thread(threads_[i], "the HTTP server", [this, i] {
        ::pthread_setname_np(::pthread_self(), i == 0 ? "metlogd-accept" : "metlogd-http");
        i == 0 ? accept_all() : serve_all();
      });
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  void stop() override {
    {
      const std::lock_guard lock(mutex_);
      is_stopping_ = true;
      waiting_.clear();
      for (const int fd : in_work_) ::shutdown(fd, SHUT_RDWR);
    }
    changed_.notify_all();
    if (stop_fd_.is_open()) ::eventfd_write(stop_fd_.get(), 1);
    for (std::thread& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
    threads_.clear();
  }

  [[nodiscard]] std::string_view url() const override { return url_; }

 private:
  void accept_all() {
    std::array<pollfd, 2> entries{{{listener_.get(), POLLIN, 0}, {stop_fd_.get(), POLLIN, 0}}};
    for (;;) {
      ::poll(entries.data(), entries.size(), -1);
      if (entries[1].revents != 0) return;
      UniqueFd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (!fd.is_open()) {
        // Out of descriptors: the peer waits in the kernel's queue meanwhile.
        if (errno != EAGAIN && errno != EINTR) std::this_thread::sleep_for(milliseconds(10));
        continue;
      }
      const std::lock_guard lock(mutex_);
      if (waiting_.size() >= options_.max_waiting || is_stopping_) continue;
      waiting_.push_back(std::move(fd));
      changed_.notify_one();
    }
  }

  void serve_all() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return is_stopping_ || !waiting_.empty(); });
      if (is_stopping_) return;
      const UniqueFd fd = std::move(waiting_.front());
      waiting_.pop_front();
      const milliseconds limit = waiting_.empty() ? options_.limit : options_.short_limit;
      in_work_.push_back(fd.get());
      lock.unlock();
      serve(fd.get(), Clock::now() + limit);
      lock.lock();
      std::erase(in_work_, fd.get());
    }
  }

  void serve(int fd, Clock::time_point until) {
    BoundedStream stream(fd, options_.max_request_bytes, until);
    protocol_->serve(stream);
    ::shutdown(fd, SHUT_WR);
    // A close() with unread bytes would reset the connection, and the peer would lose the answer.
    std::array<char, 4096> ignored;
    std::size_t left = 16 * ignored.size();
    int unread = 0;
    while (left > 0 && ::ioctl(fd, FIONREAD, &unread) == 0 && unread > 0) {
      const ssize_t count = ::recv(fd, ignored.data(), std::min(left, ignored.size()), 0);
      if (count <= 0) return;
      left -= static_cast<std::size_t>(count);
    }
  }

  const Options options_;
  const UniqueFd listener_;
  const UniqueFd stop_fd_;
  std::string url_;
  std::unique_ptr<Protocol> protocol_;
  std::vector<std::thread> threads_;
  std::mutex mutex_;  // of the following
  std::condition_variable changed_;
  bool is_stopping_ = false;
  std::deque<UniqueFd> waiting_;
  std::vector<int> in_work_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::open(Options options) {
  const absl::StatusOr<std::vector<UdpAddress>> addresses = resolve_udp_addresses(options.address);
  if (!addresses.ok()) return addresses.status();
  absl::Status last;
  for (const UdpAddress& address : *addresses) {
    if (options.reach == Reach::kLoopbackOnly && !address.is_loopback()) {
      return absl::PermissionDeniedError(
          fmt::format("http = \"{}\": refused, for other machines can reach this address; bind "
                      "127.0.0.1, or say allow_remote = true",
                      options.address));
    }
    absl::StatusOr<UniqueFd> fd = bind_to(address, options.address);
    if (fd.ok()) return std::make_unique<BoundedServer>(std::move(options), *std::move(fd));
    last = fd.status();
  }
  return last;
}

}  // namespace metlog
