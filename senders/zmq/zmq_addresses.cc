#include "senders/zmq/zmq_addresses.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <memory>
#include <string_view>
#include <utility>

namespace metlog {
namespace {

constexpr std::string_view kTcp = "tcp://";

std::string endpoint_of(const addrinfo& address, const std::string& port) {
  char host[INET6_ADDRSTRLEN] = "";
  if (address.ai_family == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address.ai_addr)->sin6_addr, host,
              sizeof host);
    return std::string(kTcp) + "[" + host + "]:" + port;
  }
  inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address.ai_addr)->sin_addr, host,
            sizeof host);
  return std::string(kTcp) + host + ":" + port;
}

}  // namespace

ZmqAddresses::ZmqAddresses(std::string endpoint) : endpoint_(std::move(endpoint)) { resolve(); }

void ZmqAddresses::resolve() {
  all_ = {endpoint_};
  if (endpoint_.rfind(kTcp, 0) != 0 || is_ipv6(endpoint_)) return;
  const std::size_t colon = endpoint_.rfind(':');
  const std::string host = endpoint_.substr(kTcp.size(), colon - kTcp.size());
  const std::string port = endpoint_.substr(colon + 1);
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0) return;
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(found, &::freeaddrinfo);
  if (found->ai_next == nullptr && found->ai_family == AF_INET) return;
  all_.clear();
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    all_.push_back(endpoint_of(*at, port));
  }
}

void ZmqAddresses::turn() {
  if (++current_ < all_.size()) return;
  current_ = 0;
  resolve();
}

bool is_ipv6(const std::string& endpoint) { return endpoint.find('[') != std::string::npos; }

}  // namespace metlog
