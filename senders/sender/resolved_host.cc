#include "senders/sender/resolved_host.h"

#include <sys/socket.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace metlog {

absl::StatusOr<Addresses> resolve_host(const HostAndPort& target, int socket_type,
                                       std::string_view url) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = socket_type;
  hints.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const std::string port = absl::StrCat(target.port);
  const int error = ::getaddrinfo(target.host.c_str(), port.c_str(), &hints, &found);
  if (error != 0) {
    return absl::UnavailableError(absl::StrCat(
        "cannot resolve host '", target.host, "' in '", absl::string_view(url.data(), url.size()),
        "': ", ::gai_strerror(error), "; check the name or write its address"));
  }
  return Addresses(found);
}

}  // namespace metlog
