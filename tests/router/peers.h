#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace metlog {

/// A socket that sends datagrams to a bound udp://HOST:PORT. On loopback a datagram is in the
/// receiver's queue, or dropped by the kernel, when send() returns.
class UdpPeer {
 public:
  explicit UdpPeer(const std::string& url);
  ~UdpPeer();
  UdpPeer(const UdpPeer&) = delete;
  UdpPeer& operator=(const UdpPeer&) = delete;

  void send(std::string_view datagram) const;

 private:
  int fd_;
};

/// A ZMQ publisher that connects to a bound subscriber and waits for its subscription. The
/// subscriber sends it only while its owner uses the socket, which `pump` must do.
class ZmqPeer {
 public:
  ZmqPeer(const std::string& endpoint, const std::function<void()>& pump);
  ~ZmqPeer();
  ZmqPeer(const ZmqPeer&) = delete;
  ZmqPeer& operator=(const ZmqPeer&) = delete;

  void send(std::string_view frame) const { send_part(frame, 0); }
  /// Sends a part of a message that another part follows.
  void send_more(std::string_view frame) const;

 private:
  void send_part(std::string_view frame, int flags) const;

  void* context_;
  void* socket_;
};

}  // namespace metlog
