#include "senders/sender/host_lookup.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

namespace metlog {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kMinInterval{1};
constexpr int kShareOfTime = 10;

bool is_numeric(const std::string& host) {
  std::array<char, sizeof(in6_addr)> address;
  return ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
}

}  // namespace

HostLookup::HostLookup(HostAndPort target, int socket_type, HostResolver resolve)
    : target_(std::move(target)),
      socket_type_(socket_type),
      resolve_(resolve),
      is_name_(!is_numeric(target_.host)) {}

absl::StatusOr<Addresses> HostLookup::first(std::string_view url) {
  next_for_change_ = steady_clock::now() + kChangeInterval;
  return resolve_(target_, socket_type_, url);
}

Addresses HostLookup::after_failure(TimePoint now) {
  return is_name_ && now >= next_after_failure_ ? again(now) : nullptr;
}

Addresses HostLookup::after_a_while(TimePoint now) {
  return is_name_ && now >= next_for_change_ ? again(now) : nullptr;
}

Addresses HostLookup::again(TimePoint now) {
  absl::StatusOr<Addresses> found = resolve_(target_, socket_type_, target_.host);
  const TimePoint end = std::max(now, steady_clock::now());
  next_after_failure_ =
      end + std::max<steady_clock::duration>(kMinInterval, kShareOfTime * (end - now));
  next_for_change_ = std::max(next_after_failure_, end + kChangeInterval);
  return found.ok() ? *std::move(found) : nullptr;
}

bool is_same(const addrinfo* one, const addrinfo* other) {
  for (; one != nullptr && other != nullptr; one = one->ai_next, other = other->ai_next) {
    if (one->ai_addrlen != other->ai_addrlen) return false;
    if (std::memcmp(one->ai_addr, other->ai_addr, one->ai_addrlen) != 0) return false;
  }
  return one == other;
}

}  // namespace metlog
