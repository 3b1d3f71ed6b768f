#pragma once

#include <string>

namespace metlog {

/// Finds out whether a bound ZMQ socket has passed on all that this machine's kernel has received
/// for it. A socket without a frame does not say so: libzmq's thread may not have run for a while,
/// and what it did not read is gone when the socket closes. Costs nothing before the first call.
/// Used by the socket's thread.
class ZmqDrain {
 public:
  /// `context` and `socket` are libzmq's and outlive this. `endpoint` is the bound one.
  ZmqDrain(void* context, void* socket, const std::string& endpoint);
  ~ZmqDrain();
  ZmqDrain(const ZmqDrain&) = delete;
  ZmqDrain& operator=(const ZmqDrain&) = delete;

  /// To be called again and again, each time after the socket had no frame. True when it has none
  /// because nothing is left: the kernel had no unread byte of its connections, and libzmq's thread
  /// went through its loop after that.
  bool is_dry();
  /// Says that the socket had a frame.
  void restart();

 private:
  [[nodiscard]] bool has_unread() const;
  void begin_pass();
  [[nodiscard]] bool is_pass_over();
  void end_pass();

  void* const socket_;
  void* const monitor_;
  const std::string name_;  // of the connections' own ends
  std::string pass_;        // the endpoint that shows when the pass is over; empty: there is none
  unsigned pass_count_ = 0;
  bool has_passed_ = false;
};

}  // namespace metlog
