#include "tools/metlogd/service_notice.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "absl/strings/numbers.h"
#include "metlog/internal/base/unique_fd.h"

namespace metlog {
namespace {

// Between two lines of status, where no watchdog asks for more.
constexpr std::chrono::seconds kStatusInterval{10};
constexpr std::chrono::seconds kSendLimit{1};

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

/// The manager's limit between two signs of life; 0 for none, or when it watches another process.
std::chrono::microseconds watchdog_limit() {
  std::int64_t limit_us = 0;
  std::int64_t pid = 0;
  const std::string watched = variable("WATCHDOG_PID");
  if (!watched.empty() && (!absl::SimpleAtoi(watched, &pid) || pid != ::getpid())) return {};
  if (!absl::SimpleAtoi(variable("WATCHDOG_USEC"), &limit_us) || limit_us <= 0) return {};
  return std::chrono::microseconds(limit_us);
}

}  // namespace

ServiceNotice::ServiceNotice() : address_(variable("NOTIFY_SOCKET")), interval_(kStatusInterval) {
  // Other kinds of sockets are for virtual machines.
  if (!address_.starts_with('/') && !address_.starts_with('@')) address_.clear();
  const std::chrono::microseconds limit = watchdog_limit();
  is_watched_ = limit.count() > 0;
  if (is_watched_) interval_ = std::min(interval_, limit / 2);
}

void ServiceNotice::tick(Clock::time_point now, const RouterLedger& ledger) {
  if (!is_due(now)) return;
  next_ = now + interval_;
  send(fmt::format("STATUS=received {}, rejected {}, lost {}, kernel drops {}{}", ledger.messages(),
                   ledger.rejected_total(), ledger.lost_total(), ledger.kernel_drops(),
                   is_watched_ ? "\nWATCHDOG=1" : ""));
}

void ServiceNotice::send(const std::string& text) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (!is_wanted() || address_.size() >= sizeof address.sun_path) return;
  std::memcpy(address.sun_path, address_.data(), address_.size());
  if (address_.front() == '@') address.sun_path[0] = '\0';
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + address_.size());
  const UniqueFd socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (!socket.is_open()) return;
  // A manager that is busy may not miss a READY=1.
  const timeval limit{kSendLimit.count(), 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  static_cast<void>(::sendto(socket.get(), text.data(), text.size(), MSG_NOSIGNAL,
                             reinterpret_cast<const sockaddr*>(&address), size));
}

}  // namespace metlog
