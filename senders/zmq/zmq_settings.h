#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/url.h"

namespace metlog {

/// What a ZeroMQ destination's URL says; see zmq_sender.h for its options. End-points are as libzmq
/// takes them.
struct ZmqSettings {
  std::vector<std::string> endpoints;
  int hwm = 0;                // frames libzmq may hold
  std::size_t max_frame = 0;  // bytes of a batched frame; 0: a frame a message
  std::chrono::milliseconds hold{0};
  std::string handshake;  // end-point; empty: nobody is asked
  std::chrono::milliseconds handshake_timeout{0};
  std::chrono::milliseconds livecheck{0};
  bool debug_stderr = false;
  bool unsent_stderr = false;
};

/// kInvalidArgument names the part of the URL that is wrong.
absl::StatusOr<ZmqSettings> zmq_settings(const Url& url);

}  // namespace metlog
