#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "senders/zmq/curve_keys.h"

namespace metlog {

/// How a connecting ZeroMQ socket keeps its connection; see zmq_sender.h for the options of a URL.
struct ZmqLink {
  std::chrono::milliseconds heartbeat{0};  // 0: none
  /// Before the first try to connect again, and at most, as the pause doubles with each try.
  std::chrono::milliseconds reconnect{100};
  std::chrono::milliseconds reconnect_max{1000};
  std::optional<CurveClientKeys> curve = std::nullopt;  // none: neither encrypted nor authenticated
};

class ZmqSocket;

/// Sets the options of libzmq that are about `link`, before the socket connects. False when libzmq
/// refuses one; zmq_errno() has the reason.
bool set_link(ZmqSocket& socket, const ZmqLink& link);

}  // namespace metlog
