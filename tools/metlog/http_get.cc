#include "tools/metlog/http_get.h"

#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <optional>

#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/base/url.h"

namespace metlog {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// Waits for the socket until `until`; 0, or an errno.
int wait_for(int fd, short events, Clock::time_point until) {
  const auto left = std::chrono::ceil<milliseconds>(until - Clock::now()).count();
  pollfd entry{fd, events, 0};
  const int ready = ::poll(&entry, 1, static_cast<int>(std::max<long>(left, 0)));
  return ready > 0 ? 0 : ready == 0 ? ETIMEDOUT : errno;
}

int connect_to(int fd, const addrinfo& address, Clock::time_point until) {
  if (::connect(fd, address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  if (const int error = wait_for(fd, POLLOUT, until); error != 0) return error;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

/// Connects to the first address that answers.
absl::StatusOr<UniqueFd> connect_to(const HostAndPort& server, Clock::time_point until) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code =
      ::getaddrinfo(server.host.c_str(), std::to_string(server.port).c_str(), &hints, &found);
  if (code != 0) {
    return absl::InvalidArgumentError(fmt::format("{}: {}", server.text(), ::gai_strerror(code)));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  int error = 0;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    UniqueFd fd(::socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    error = fd.is_open() ? connect_to(fd.get(), *at, until) : errno;
    if (error == 0) return fd;
  }
  return absl::UnavailableError(
      errno_status(error, server.text(), "is a metlogd running with http = \"...\" there?")
          .message());
}

/// Sends the request and reads to the end of the connection; 0, or an errno.
int exchange(int fd, std::string_view request, std::string& answer, Clock::time_point until) {
  while (!request.empty()) {
    const ssize_t sent = ::send(fd, request.data(), request.size(), MSG_NOSIGNAL);
    if (sent > 0) {
      request.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EAGAIN) {
      return errno;
    } else if (const int error = wait_for(fd, POLLOUT, until); error != 0) {
      return error;
    }
  }
  std::array<char, 16384> piece;
  for (;;) {
    if (const int error = wait_for(fd, POLLIN, until); error != 0) return error;
    const ssize_t count = ::recv(fd, piece.data(), piece.size(), 0);
    if (count == 0) return 0;
    if (count < 0) return errno;
    answer.append(piece.data(), static_cast<std::size_t>(count));
    if (answer.size() > kMaxHttpAnswer) return EMSGSIZE;
  }
}

/// The parts of an answer; none when it is no HTTP.
std::optional<HttpPage> read_answer(std::string_view answer) {
  constexpr std::string_view kVersion = "HTTP/1.";
  constexpr std::size_t kStatusAt = 9;
  const std::size_t end = answer.find("\r\n\r\n");
  if (!answer.starts_with(kVersion) || end == std::string_view::npos || end < kStatusAt) {
    return std::nullopt;
  }
  HttpPage page;
  std::from_chars(answer.data() + kStatusAt, answer.data() + end, page.status);
  page.body = answer.substr(end + 4);
  return page;
}

}  // namespace

absl::StatusOr<HttpPage> http_get(std::string_view address, std::string_view path,
                                  milliseconds limit) {
  const bool has_scheme = address.find("://") != std::string_view::npos;
  const absl::StatusOr<Url> url = parse_url((has_scheme ? "" : "http://") + std::string(address));
  const absl::StatusOr<HostAndPort> server =
      url.ok() ? host_and_port(*url) : absl::StatusOr<HostAndPort>(url.status());
  if (!server.ok() || url->scheme != "http") {
    return absl::InvalidArgumentError(
        fmt::format("'{}' is no address; write HOST:PORT, as 127.0.0.1:5570", address));
  }
  const Clock::time_point until = Clock::now() + limit;
  const absl::StatusOr<UniqueFd> fd = connect_to(*server, until);
  if (!fd.ok()) return fd.status();
  const std::string request =
      fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", path, server->text());
  std::string answer;
  const int error = exchange(fd->get(), request, answer, until);
  if (error != 0) {
    return absl::UnavailableError(
        errno_status(error, server->text(), "see whether it is a metlogd that runs").message());
  }
  std::optional<HttpPage> page = read_answer(answer);
  if (page) return *std::move(page);
  return absl::UnavailableError(server->text() + ": what answers there is no HTTP server");
}

}  // namespace metlog
