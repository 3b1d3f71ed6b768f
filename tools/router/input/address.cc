#include "tools/router/input/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cstring>
#include <memory>
#include <string>

#include "metlog/internal/base/url.h"

namespace metlog {
namespace {

absl::Status wrong_address(const absl::Status& reason) {
  return absl::InvalidArgumentError(
      fmt::format("{}. Write HOST:PORT, for example 127.0.0.1:5565 or [::1]:5565",
                  std::string(reason.message())));
}

absl::Status wrong_endpoint(const absl::Status& reason) {
  return absl::InvalidArgumentError(
      fmt::format("{}. Write tcp://HOST:PORT or ipc://PATH, for example tcp://127.0.0.1:5565",
                  std::string(reason.message())));
}

absl::StatusOr<Url> parse_without_options(std::string_view text) {
  absl::StatusOr<Url> url = parse_url(text);
  if (!url.ok()) return url;
  absl::Status status = UrlOptions(*url).status();
  return status.ok() ? url : status;
}

/// HOST:PORT alone, which has no escapes, or a URL.
absl::StatusOr<Url> parse_udp_address(std::string_view text) {
  if (text.find("://") != std::string_view::npos) return parse_without_options(text);
  Url url;
  url.text = std::string(text);
  url.scheme = "udp";
  url.authority = url.text;
  return url;
}

bool is_loopback_host(const std::string& host) {
  if (host == "localhost" || host == "::1") return true;
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

}  // namespace

bool UdpAddress::is_loopback() const {
  if (storage.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
    return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
  }
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
  return (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
}

absl::StatusOr<UdpAddress> resolve_udp_address(std::string_view text) {
  const absl::StatusOr<Url> url = parse_udp_address(text);
  if (!url.ok()) return wrong_address(url.status());
  if (url->scheme != "udp") {
    return wrong_address(absl::InvalidArgumentError(fmt::format("'{}' is not udp:", text)));
  }
  const absl::StatusOr<HostAndPort> target = host_and_port(*url, Ports::kFixedOrZero);
  if (!target.ok()) return wrong_address(target.status());

  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(target->port);
  const int error = getaddrinfo(target->host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) {
    return wrong_address(absl::InvalidArgumentError(
        fmt::format("host '{}' in '{}': {}", target->host, text, gai_strerror(error))));
  }
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  UdpAddress address;
  address.size = found->ai_addrlen;
  std::memcpy(&address.storage, found->ai_addr, found->ai_addrlen);
  return address;
}

std::string bound_udp_url(int fd) {
  UdpAddress address;
  address.size = sizeof address.storage;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.size);
  char host[INET6_ADDRSTRLEN] = "";
  in_port_t port = 0;
  if (address.family() == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
    inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
    port = v6->sin6_port;
  } else {
    const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
    inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
    port = v4->sin_port;
  }
  return "udp://" + HostAndPort{host, ntohs(port)}.text();
}

absl::StatusOr<std::string> zmq_endpoint_to_bind(std::string_view text, Reach reach) {
  const absl::StatusOr<Url> url = parse_without_options(text);
  if (!url.ok()) return wrong_endpoint(url.status());
  if (url->scheme == "ipc" && !(url->authority + url->path).empty()) {
    return fmt::format("ipc://{}{}", url->authority, url->path);
  }
  if (url->scheme != "tcp") {
    return wrong_endpoint(absl::InvalidArgumentError(
        fmt::format("'{}' is neither tcp://HOST:PORT nor ipc://PATH", text)));
  }
  const absl::StatusOr<HostAndPort> target = host_and_port(*url, Ports::kAnyOrStar);
  if (!target.ok()) return wrong_endpoint(target.status());
  if (reach == Reach::kAnywhere || is_loopback_host(target->host)) {
    return "tcp://" + target->text();
  }
  return absl::PermissionDeniedError(
      fmt::format("{}: refused, for this address can be reached from other machines and this "
                  "socket does not ask who sends. Bind tcp://127.0.0.1:PORT, or say --allow-remote",
                  text));
}

}  // namespace metlog
