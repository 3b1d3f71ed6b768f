#include "tools/router/input/zmq_endpoint.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <string>

#include "tools/router/input/port_text.h"

namespace metlog {
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

absl::Status wrong(std::string_view endpoint, std::string_view why) {
  return absl::InvalidArgumentError(
      fmt::format("{}: {}. Write tcp://HOST:PORT or ipc://PATH, for example "
                  "tcp://127.0.0.1:5565",
                  endpoint, why));
}

}  // namespace

absl::Status check_zmq_endpoint(std::string_view endpoint, Reach reach) {
  if (starts_with(endpoint, kIpc) && endpoint.size() > kIpc.size()) return absl::OkStatus();
  if (!starts_with(endpoint, kTcp)) return wrong(endpoint, "neither tcp:// nor ipc://");
  const std::string_view rest = endpoint.substr(kTcp.size());
  const std::size_t colon = rest.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    return wrong(endpoint, "a host or port is missing");
  }
  const std::string_view port = rest.substr(colon + 1);
  if (port != "*" && !is_port(port)) {
    return wrong(endpoint, fmt::format("\"{}\" is no port from 0 to 65535, and no *", port));
  }
  if (reach == Reach::kAnywhere || is_loopback_host(std::string(rest.substr(0, colon)))) {
    return absl::OkStatus();
  }
  return absl::PermissionDeniedError(
      fmt::format("{}: refused, for this address can be reached from other machines and this "
                  "socket does not ask who sends. Bind tcp://127.0.0.1:PORT, or say --allow-remote",
                  endpoint));
}

}  // namespace metlog
