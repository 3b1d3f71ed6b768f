#include "tools/router/config/input_types.h"

#include <optional>
#include <string>
#include <utility>

#include "senders/zmq/curve_keys.h"
#include "tools/router/config/endpoint_types.h"
#include "tools/router/input/address.h"
#include "tools/router/input/handshake_input.h"
#include "tools/router/input/udp_input.h"
#include "tools/router/input/zmq_input.h"

namespace metlog {
namespace {

using Opened = absl::StatusOr<std::vector<std::unique_ptr<Input>>>;

template <class T>
Opened one(absl::StatusOr<std::unique_ptr<T>> input) {
  if (!input.ok()) return input.status();
  std::vector<std::unique_ptr<Input>> inputs;
  inputs.push_back(*std::move(input));
  return inputs;
}

/// The address to bind, which `check` has found right but for names.
std::string read_address(Settings& settings, const InputLimits& limits, std::string_view example,
                         absl::Status (*check)(std::string_view text, Reach reach)) {
  std::string address = settings.required_text("address", example);
  if (address.empty()) return address;
  const absl::Status status = check(address, limits.reach);
  if (!status.ok()) settings.refuse_at("address", 0, std::string(status.message()));
  return address;
}

/// The keys in the file `curve_key`, if that is given.
std::optional<CurveKeyPair> read_curve_key(Settings& settings) {
  const std::string path = settings.text("curve_key");
  if (path.empty()) return std::nullopt;
  absl::StatusOr<CurveKeyPair> keys = read_curve_secret_key(path);
  if (keys.ok()) return *std::move(keys);
  settings.refuse_at("curve_key", 0, std::string(keys.status().message()));
  return std::nullopt;
}

OpenInputs read_zmq(Settings& settings, const InputLimits& limits) {
  return [address = read_address(settings, limits, "tcp://127.0.0.1:5565", check_zmq_endpoint),
          keys = read_curve_key(settings),
          limits] { return one(ZmqInput::open(address, limits.max_frame, limits.reach, keys)); };
}

OpenInputs read_udp(Settings& settings, const InputLimits& limits) {
  return [address = read_address(settings, limits, "127.0.0.1:5565", check_udp_address),
          limits]() -> Opened {
    auto bound = UdpInput::open_all(address, limits.max_frame, limits.reach);
    if (!bound.ok()) return bound.status();
    return Opened(std::vector<std::unique_ptr<Input>>(std::make_move_iterator(bound->begin()),
                                                      std::make_move_iterator(bound->end())));
  };
}

OpenInputs read_handshake(Settings& settings, const InputLimits& limits) {
  return [address = read_address(settings, limits, "tcp://127.0.0.1:5566", check_zmq_endpoint),
          keys = read_curve_key(settings),
          limits] { return one(HandshakeInput::open(address, limits.reach, keys)); };
}

}  // namespace

const std::vector<InputType>& input_types() {
  static const auto& types = *new std::vector<InputType>{
      {"handshake", read_handshake, false},
      {"statsd", read_statsd_input},
      {"udp", read_udp},
      {"zmq", read_zmq},
  };
  return types;
}

}  // namespace metlog
