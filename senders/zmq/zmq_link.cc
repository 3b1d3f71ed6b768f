#include "senders/zmq/zmq_link.h"

#include <zmq.h>

#include "senders/zmq/zmq_socket.h"

namespace metlog {
namespace {

/// A connection that is not there by then is tried again.
constexpr int kConnectMs = 5000;
/// The same of a peer that does not answer the greeting. A stopped process's kernel connects, and
/// would keep libzmq waiting for 30 s.
constexpr int kGreetingMs = 10'000;

// An idle connection to a host that is gone ends after a minute. The peer's program takes no part
// in it, so that it may be older than heartbeats, or busy.
constexpr int kKeepaliveIdleSeconds = 30;
constexpr int kKeepaliveIntervalSeconds = 10;
constexpr int kKeepaliveProbes = 3;

bool set_keepalive(ZmqSocket& socket) {
  return socket.set(ZMQ_TCP_KEEPALIVE, 1) &&
         socket.set(ZMQ_TCP_KEEPALIVE_IDLE, kKeepaliveIdleSeconds) &&
         socket.set(ZMQ_TCP_KEEPALIVE_INTVL, kKeepaliveIntervalSeconds) &&
         socket.set(ZMQ_TCP_KEEPALIVE_CNT, kKeepaliveProbes);
}

// libzmq puts no PING behind what a full kernel buffer has not taken, and waits for no answer then;
// TCP's own limit (MAXRT, over tcp only) ends such a connection. The peer is not told a time to
// live: it would count what it has not read yet as our silence, and drop it.
bool set_heartbeat(ZmqSocket& socket, std::chrono::milliseconds interval) {
  if (interval.count() == 0) return true;
  const int ms = static_cast<int>(interval.count());
  return socket.set(ZMQ_HEARTBEAT_IVL, ms) && socket.set(ZMQ_HEARTBEAT_TIMEOUT, ms) &&
         socket.set(ZMQ_TCP_MAXRT, 2 * ms);
}

bool set_text(ZmqSocket& socket, int option, const std::string& text) {
  return ::zmq_setsockopt(socket.get(), option, text.c_str(), text.size() + 1) == 0;
}

bool set_curve(ZmqSocket& socket, const CurveClientKeys& keys) {
  return set_text(socket, ZMQ_CURVE_SERVERKEY, keys.server) &&
         set_text(socket, ZMQ_CURVE_PUBLICKEY, keys.own.public_key) &&
         set_text(socket, ZMQ_CURVE_SECRETKEY, keys.own.secret_key);
}

}  // namespace

bool set_link(ZmqSocket& socket, const ZmqLink& link) {
  return socket.set(ZMQ_CONNECT_TIMEOUT, kConnectMs) &&
         socket.set(ZMQ_HANDSHAKE_IVL, kGreetingMs) &&
         socket.set(ZMQ_RECONNECT_IVL, static_cast<int>(link.reconnect.count())) &&
         socket.set(ZMQ_RECONNECT_IVL_MAX, static_cast<int>(link.reconnect_max.count())) &&
         set_keepalive(socket) && set_heartbeat(socket, link.heartbeat) &&
         (!link.curve.has_value() || set_curve(socket, *link.curve));
}

}  // namespace metlog
