#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace metlog {

/// The addresses of an endpoint `tcp://NAME:PORT`, as endpoints. libzmq itself takes one address of
/// a name, of IPv4 unless ZMQ_IPV6 is set, and tries that forever. Used by one thread.
class ZmqAddresses {
 public:
  /// Resolves the name, which may wait for a name server. An endpoint that cannot be resolved, is
  /// no tcp:// or has a single IPv4 address stays as it is: libzmq resolves it again each time that
  /// it connects.
  explicit ZmqAddresses(std::string endpoint);

  /// All of them, one at least.
  [[nodiscard]] const std::vector<std::string>& all() const { return all_; }
  [[nodiscard]] const std::string& current() const { return all_[current_]; }
  /// Goes on to the next address; after the last it resolves again and starts with the first.
  void turn();

 private:
  void resolve();

  const std::string endpoint_;
  std::vector<std::string> all_;
  std::size_t current_ = 0;
};

/// True when an endpoint has an IPv6 address: libzmq needs ZMQ_IPV6 for it.
bool is_ipv6(const std::string& endpoint);

}  // namespace metlog
