#include "bench/router_isolation/bad_receivers.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace metlog {
namespace {

constexpr std::chrono::milliseconds kReadInterval{10};
constexpr std::size_t kReadBytes = 1000;  // 100 kB/s

absl::Status failed(const char* what) {
  return absl::UnavailableError(std::string(what) + ": " + std::strerror(errno));
}

struct Listener {
  UniqueFd fd;
  int port = 0;
};

absl::StatusOr<Listener> bind_any_port() {
  Listener bound{UniqueFd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), 0};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (!bound.fd.is_open() || ::bind(bound.fd.get(), any, size) != 0 ||
      ::getsockname(bound.fd.get(), any, &size) != 0) {
    return failed("no socket");
  }
  bound.port = ntohs(address.sin_port);
  return bound;
}

/// True when a line's number ends in 0.
bool has_tenth(std::string_view body) {
  constexpr std::string_view kMark = "number=";
  for (std::size_t at = body.find(kMark); at != std::string_view::npos;
       at = body.find(kMark, at + kMark.size())) {
    const std::size_t end = body.find_first_not_of("0123456789", at + kMark.size());
    if (body[std::min(end, body.size()) - 1] == '0') return true;
  }
  return false;
}

/// Reads more of the connection; false at its end.
bool read_more(int connection, std::string& text) {
  constexpr std::size_t kBytes = 64 * 1024;
  const std::size_t before = text.size();
  text.resize(before + kBytes);
  const ssize_t count = ::read(connection, text.data() + before, kBytes);
  text.resize(before + (count > 0 ? static_cast<std::size_t>(count) : 0));
  return count > 0;
}

/// Reads a request with a Content-Length; false at the end of the connection. The body replaces
/// `text`, which keeps nothing of it: a client waits for the answer before it sends more.
bool read_request(int connection, std::string& text) {
  constexpr std::string_view kEnd = "\r\n\r\n";
  constexpr std::string_view kLength = "Content-Length: ";
  text.clear();
  std::size_t head = std::string::npos;
  while ((head = text.find(kEnd)) == std::string::npos) {
    if (!read_more(connection, text)) return false;
  }
  const std::size_t length_at = text.find(kLength);
  if (length_at > head) return false;
  const std::size_t length = std::strtoull(text.c_str() + length_at + kLength.size(), nullptr, 10);
  text.erase(0, head + kEnd.size());
  while (text.size() < length) {
    if (!read_more(connection, text)) return false;
  }
  return true;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SlowReader>> SlowReader::open(const std::string& path) {
  if (::mkfifo(path.c_str(), 0600) != 0) return failed("no pipe");
  UniqueFd pipe(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!pipe.is_open()) return failed("no pipe");
  return std::unique_ptr<SlowReader>(new SlowReader(std::move(pipe)));
}

SlowReader::~SlowReader() {
  ends_ = true;
  thread_.join();
}

void SlowReader::run() {
  std::array<char, kReadBytes> bytes;
  for (auto next = std::chrono::steady_clock::now(); !ends_; next += kReadInterval) {
    std::this_thread::sleep_until(next);
    [[maybe_unused]] const ssize_t count = ::read(pipe_.get(), bytes.data(), bytes.size());
  }
}

absl::StatusOr<std::unique_ptr<ErringServer>> ErringServer::open() {
  absl::StatusOr<Listener> bound = bind_any_port();
  if (!bound.ok()) return bound.status();
  if (::listen(bound->fd.get(), 64) != 0) return failed("cannot listen");
  return std::unique_ptr<ErringServer>(new ErringServer(std::move(bound->fd), bound->port));
}

ErringServer::ErringServer(UniqueFd listener, int port)
    : listener_(std::move(listener)), port_(port), thread_([this] { accept_all(); }) {}

ErringServer::~ErringServer() {
  ::shutdown(listener_.get(), SHUT_RDWR);
  thread_.join();
  for (const UniqueFd& connection : connections_) ::shutdown(connection.get(), SHUT_RDWR);
  for (std::thread& server : servers_) server.join();
}

void ErringServer::accept_all() {
  while (true) {
    UniqueFd connection(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    if (!connection.is_open()) return;
    servers_.emplace_back([this, fd = connection.get()] { serve(fd); });
    connections_.push_back(std::move(connection));
  }
}

void ErringServer::serve(int connection) {
  constexpr std::string_view kTaken = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  constexpr std::string_view kRefused = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
  std::string body;
  while (read_request(connection, body)) {
    ++requests_;
    const std::string_view answer = has_tenth(body) ? kRefused : kTaken;
    if (::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) return;
  }
}

absl::StatusOr<int> dead_port() {
  const absl::StatusOr<Listener> bound = bind_any_port();
  if (!bound.ok()) return bound.status();
  return bound->port;
}

}  // namespace metlog
