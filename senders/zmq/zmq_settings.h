#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/url.h"
#include "senders/zmq/zmq_link.h"

namespace metlog {

/// How messages become frames.
enum class Framing {
  kPlain,    // each message is one
  kBatched,  // as many as fit
  kAsAsked,  // batched while the peer asks for it, else plain
};

/// A ZeroMQ destination; see zmq_sender.h for the options of its URL. Endpoints are
/// as libzmq takes them.
struct ZmqSettings {
  std::string url;                     // the sender's name
  std::vector<std::string> endpoints;  // one at least
  Framing framing = Framing::kPlain;
  int hwm = 0;                // frames that libzmq may hold
  int batched_hwm = 0;        // the same of batched frames; as many as hwm for kBatched
  std::size_t max_frame = 0;  // bytes of a batched frame
  /// Of a message; metlogd's own limit by default.
  std::size_t max_message = std::size_t{256} * 1024;
  /// How long a subscriber is waited for; absent for the default.
  std::optional<std::chrono::milliseconds> hold;
  ZmqLink link;                  // without its keys, which open() reads
  std::string curve_server_key;  // file with the peer's public key; empty: no CURVE
  std::string curve_key;         // file with the own secret key; empty: a new one
  std::string handshake;         // endpoint; empty: no handshake
  std::chrono::milliseconds handshake_timeout{0};
  std::chrono::milliseconds livecheck{0};
  bool debug_stderr = false;
  bool unsent_stderr = false;
};

/// kInvalidArgument names the part of the URL that is wrong.
absl::StatusOr<ZmqSettings> zmq_settings(const Url& url);

/// True for the schemes tcp, ipc, zmq+tcp and zmq+ipc.
bool is_zmq(const Url& url);

/// The endpoints, one or several, that `text`, a URL without options, names. kInvalidArgument says
/// that `option` takes such a URL.
absl::StatusOr<std::vector<std::string>> zmq_endpoints(std::string_view option,
                                                       std::string_view text);

}  // namespace metlog
