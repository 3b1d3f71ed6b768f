#include "tools/router/input/address.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/in.h>

#include <charconv>
#include <cstring>
#include <memory>
#include <string>

namespace metlog {
namespace {

constexpr std::string_view kScheme = "udp://";

absl::Status wrong(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(
      fmt::format("{}: {}. Write HOST:PORT, for example 127.0.0.1:5565 or [::1]:5565", text, why));
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
  std::string_view rest = text;
  if (rest.substr(0, kScheme.size()) == kScheme) rest.remove_prefix(kScheme.size());
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos || colon == 0)
    return wrong(text, "a host or port is missing");
  std::string host(rest.substr(0, colon));
  const std::string port(rest.substr(colon + 1));
  if (!is_port(port)) return wrong(text, fmt::format("\"{}\" is no port from 0 to 65535", port));
  if (host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string::npos) {
    return wrong(text, "an IPv6 host wants brackets around it");
  }

  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) return wrong(text, fmt::format("host \"{}\": {}", host, gai_strerror(error)));
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
  if (address.family() == AF_INET6) {
    const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&address.storage);
    inet_ntop(AF_INET6, &v6->sin6_addr, host, sizeof host);
    return fmt::format("udp://[{}]:{}", host, ntohs(v6->sin6_port));
  }
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&address.storage);
  inet_ntop(AF_INET, &v4->sin_addr, host, sizeof host);
  return fmt::format("udp://{}:{}", host, ntohs(v4->sin_port));
}

namespace {

constexpr std::string_view kTcp = "tcp://";
constexpr std::string_view kIpc = "ipc://";

bool is_loopback_host(const std::string& host) {
  if (host == "localhost" || host == "[::1]") return true;
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1 && (ntohl(address.s_addr) >> 24) == 127;
}

bool starts_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

absl::Status wrong_endpoint(std::string_view endpoint, std::string_view why) {
  return absl::InvalidArgumentError(
      fmt::format("{}: {}. Write tcp://HOST:PORT or ipc://PATH, for example "
                  "tcp://127.0.0.1:5565",
                  endpoint, why));
}

}  // namespace

absl::Status check_zmq_endpoint(std::string_view endpoint, Reach reach) {
  if (starts_with(endpoint, kIpc) && endpoint.size() > kIpc.size()) return absl::OkStatus();
  if (!starts_with(endpoint, kTcp)) return wrong_endpoint(endpoint, "neither tcp:// nor ipc://");
  const std::string_view rest = endpoint.substr(kTcp.size());
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return wrong_endpoint(endpoint, "a host or port is missing");
  }
  const std::string_view port = rest.substr(colon + 1);
  if (port != "*" && !is_port(port)) {
    return wrong_endpoint(endpoint,
                          fmt::format("\"{}\" is no port from 0 to 65535, and no *", port));
  }
  if (reach == Reach::kAnywhere || is_loopback_host(std::string(rest.substr(0, colon)))) {
    return absl::OkStatus();
  }
  return absl::PermissionDeniedError(
      fmt::format("{}: refused, for this address can be reached from other machines and this "
                  "socket does not ask who sends. Bind tcp://127.0.0.1:PORT, or say --allow-remote",
                  endpoint));
}

bool is_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc() && end == text.data() + text.size() && port <= 65535;
}

}  // namespace metlog
