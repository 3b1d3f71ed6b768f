#include "tools/router/input/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>

#include <cerrno>
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
absl::StatusOr<Url> parse_address(std::string_view text, std::string_view scheme) {
  if (text.find("://") != std::string_view::npos) return parse_without_options(text);
  Url url;
  url.text = std::string(text);
  url.scheme = std::string(scheme);
  url.authority = url.text;
  return url;
}

/// Whether names are looked up, which may ask the network.
enum class Names { kResolved, kLeft };

/// All addresses of a host, numbers included; nothing for a name that is not known, and why.
std::vector<UdpAddress> resolve(const HostAndPort& target, int& error,
                                Names names = Names::kResolved) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;  // so that each address is there once
  hints.ai_flags = AI_NUMERICSERV | (names == Names::kLeft ? AI_NUMERICHOST : 0);
  addrinfo* found = nullptr;
  const std::string port = std::to_string(target.port);
  error = getaddrinfo(target.host.c_str(), port.c_str(), &hints, &found);
  std::vector<UdpAddress> addresses;
  if (error != 0) return addresses;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner(found, &freeaddrinfo);
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    UdpAddress& address = addresses.emplace_back();
    address.size = at->ai_addrlen;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
  }
  return addresses;
}

/// The host and port of an address of the scheme, "udp" or "tcp".
absl::StatusOr<HostAndPort> ip_target(std::string_view text, std::string_view scheme) {
  const absl::StatusOr<Url> url = parse_address(text, scheme);
  if (!url.ok()) return wrong_address(url.status());
  if (url->scheme != scheme) {
    return wrong_address(absl::InvalidArgumentError(fmt::format("'{}' is not {}:", text, scheme)));
  }
  absl::StatusOr<HostAndPort> target = host_and_port(*url, Ports::kFixedOrZero);
  return target.ok() ? target : wrong_address(target.status());
}

/// The host and port of a ZMQ endpoint; the path alone of an ipc: one, as its host.
absl::StatusOr<HostAndPort> zmq_target(std::string_view text, bool& is_ipc) {
  const absl::StatusOr<Url> url = parse_without_options(text);
  if (!url.ok()) return wrong_endpoint(url.status());
  is_ipc = url->scheme == "ipc" && !(url->authority + url->path).empty();
  if (is_ipc) return HostAndPort{url->authority + url->path, 0};
  if (url->scheme != "tcp") {
    return wrong_endpoint(absl::InvalidArgumentError(
        fmt::format("'{}' is neither tcp://HOST:PORT nor ipc://PATH", text)));
  }
  absl::StatusOr<HostAndPort> target = host_and_port(*url, Ports::kAnyOrStar);
  return target.ok() ? target : wrong_endpoint(target.status());
}

HostAndPort text_of(const UdpAddress& address) {
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
  return {host, ntohs(port)};
}

HostAndPort bound_to(int fd) {
  UdpAddress address;
  address.size = sizeof address.storage;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address.storage), &address.size);
  return text_of(address);
}

absl::Status too_far(std::string_view text) {
  return absl::PermissionDeniedError(fmt::format(
      "{}: refused, for this address can be reached from other machines and this "
      "socket does not ask who sends. Bind tcp://127.0.0.1:PORT, give a zmq input curve_key "
      "and curve_clients, or say --allow-remote (allow_remote = true in a file)",
      text));
}

}  // namespace

std::string UdpAddress::text() const { return text_of(*this).text(); }

bool UdpAddress::is_loopback() const {
  if (storage.ss_family == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&storage);
    return IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
  }
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&storage);
  return (ntohl(v4->sin_addr.s_addr) >> 24) == 127;
}

namespace {

absl::StatusOr<std::vector<UdpAddress>> resolve_addresses(std::string_view text,
                                                          std::string_view scheme) {
  const absl::StatusOr<HostAndPort> target = ip_target(text, scheme);
  if (!target.ok()) return target.status();
  int error = 0;
  std::vector<UdpAddress> addresses = resolve(*target, error);
  if (!addresses.empty()) return addresses;
  return wrong_address(absl::InvalidArgumentError(
      fmt::format("host '{}' in '{}': {}", target->host, text, gai_strerror(error))));
}

}  // namespace

absl::StatusOr<std::vector<UdpAddress>> resolve_udp_addresses(std::string_view text) {
  return resolve_addresses(text, "udp");
}

absl::StatusOr<std::vector<UdpAddress>> resolve_tcp_addresses(std::string_view text) {
  return resolve_addresses(text, "tcp");
}

absl::StatusOr<UdpAddress> resolve_udp_address(std::string_view text) {
  const absl::StatusOr<std::vector<UdpAddress>> addresses = resolve_udp_addresses(text);
  if (!addresses.ok()) return addresses.status();
  return addresses->front();
}

void UdpAddress::set_port(std::uint16_t port) {
  if (storage.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6*>(&storage)->sin6_port = htons(port);
  } else {
    reinterpret_cast<sockaddr_in*>(&storage)->sin_port = htons(port);
  }
}

std::uint16_t port_of(int fd) { return bound_to(fd).port; }

std::string bound_udp_url(int fd) { return "udp://" + bound_to(fd).text(); }

std::string bound_tcp_url(int fd) { return "tcp://" + bound_to(fd).text(); }

absl::StatusOr<std::vector<std::string>> zmq_endpoints_to_bind(std::string_view text, Reach reach) {
  bool is_ipc = false;
  const absl::StatusOr<HostAndPort> target = zmq_target(text, is_ipc);
  if (!target.ok()) return target.status();
  if (is_ipc) return std::vector{"ipc://" + target->host};
  int error = 0;
  std::vector<UdpAddress> addresses;
  if (target->host != "*") addresses = resolve(*target, error);
  // libzmq's own names: * for all addresses, and those of network interfaces.
  if (addresses.empty() && reach == Reach::kAnywhere) return std::vector{"tcp://" + target->text()};
  if (addresses.empty()) return too_far(text);
  std::vector<std::string> endpoints;
  for (const UdpAddress& address : addresses) {
    if (reach == Reach::kLoopbackOnly && !address.is_loopback()) return too_far(text);
    endpoints.push_back("tcp://" + text_of(address).text());
  }
  return endpoints;
}

namespace {

/// kPermissionDenied for a number that `reach` excludes; a name may be anything.
absl::Status check_reach(std::string_view text, const HostAndPort& target, Reach reach) {
  if (reach == Reach::kAnywhere) return absl::OkStatus();
  int error = 0;
  const std::vector<UdpAddress> addresses = resolve(target, error, Names::kLeft);
  const bool is_far = target.host == "*" || (!addresses.empty() && !addresses[0].is_loopback());
  return is_far ? too_far(text) : absl::OkStatus();
}

}  // namespace

absl::Status check_udp_address(std::string_view text, Reach reach) {
  const absl::StatusOr<HostAndPort> target = ip_target(text, "udp");
  return target.ok() ? check_reach(text, *target, reach) : target.status();
}

absl::Status check_tcp_address(std::string_view text, Reach reach) {
  const absl::StatusOr<HostAndPort> target = ip_target(text, "tcp");
  return target.ok() ? check_reach(text, *target, reach) : target.status();
}

absl::Status check_zmq_endpoint(std::string_view text, Reach reach) {
  bool is_ipc = false;
  const absl::StatusOr<HostAndPort> target = zmq_target(text, is_ipc);
  if (!target.ok()) return target.status();
  return is_ipc ? absl::OkStatus() : check_reach(text, *target, reach);
}

bool is_about_address(int error) {
  return error == EADDRNOTAVAIL || error == EAFNOSUPPORT || error == ENODEV;
}

}  // namespace metlog
