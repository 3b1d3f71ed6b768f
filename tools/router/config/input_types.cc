#include "tools/router/config/input_types.h"

#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "senders/zmq/curve_keys.h"
#include "tools/router/config/endpoint_types.h"
#include "tools/router/input/address.h"
#include "tools/router/input/handshake_input.h"
#include "tools/router/input/line_input.h"
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

template <class T>
Opened all(absl::StatusOr<std::vector<std::unique_ptr<T>>> inputs) {
  if (!inputs.ok()) return inputs.status();
  return std::vector<std::unique_ptr<Input>>(std::make_move_iterator(inputs->begin()),
                                             std::make_move_iterator(inputs->end()));
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

/// The keys in the file `curve_key`, if that is given, and whom they let in.
std::optional<CurveServer> read_curve(Settings& settings) {
  const std::string path = settings.text("curve_key");
  const std::string clients = settings.text("curve_clients");
  if (path.empty() && !clients.empty()) {
    settings.refuse("curve_clients", "needs curve_key, the router's own secret key, as well");
  }
  if (path.empty()) return std::nullopt;
  absl::StatusOr<CurveKeyPair> keys = read_curve_secret_key(path);
  if (keys.ok()) return CurveServer{*std::move(keys), clients};
  settings.refuse_at("curve_key", 0, std::string(keys.status().message()));
  return std::nullopt;
}

/// What the two inputs of ZMQ have.
struct ZmqSettings {
  std::string address;
  std::optional<CurveServer> curve;
  Reach reach;
};

ZmqSettings read_zmq_settings(Settings& settings, InputLimits limits, std::string_view example) {
  std::optional<CurveServer> curve = read_curve(settings);
  // Other machines may reach an input that knows its clients.
  if (curve.has_value() && !curve->clients.empty()) limits.reach = Reach::kAnywhere;
  std::string address = read_address(settings, limits, example, check_zmq_endpoint);
  return {std::move(address), std::move(curve), limits.reach};
}

OpenInputs read_zmq(Settings& settings, const InputLimits& limits) {
  return [zmq = read_zmq_settings(settings, limits, "tcp://127.0.0.1:5565"),
          max_frame = limits.max_frame] {
    return one(ZmqInput::open(zmq.address, max_frame, zmq.reach, zmq.curve));
  };
}

OpenInputs read_udp(Settings& settings, const InputLimits& limits) {
  return [address = read_address(settings, limits, "127.0.0.1:5565", check_udp_address), limits] {
    return all(UdpInput::open_all(address, limits.max_frame, limits.reach));
  };
}

LineInput::Options read_line_options(Settings& settings, const InputLimits& limits) {
  LineInput::Options options;
  options.max_line = limits.max_message;
  options.max_connections = static_cast<std::size_t>(
      settings.integer("max_connections", {.min = 1, .max = 65536, .preset = 1024}));
  return options;
}

OpenInputs read_tcp(Settings& settings, const InputLimits& limits) {
  return [address = read_address(settings, limits, "127.0.0.1:5567", check_tcp_address),
          reach = limits.reach, options = read_line_options(settings, limits)] {
    return all(LineInput::open_tcp(address, reach, options));
  };
}

OpenInputs read_unix(Settings& settings, const InputLimits& limits) {
  return [path = settings.required_text("path", "/run/metlog.sock"),
          permissions = read_permissions(settings, "permissions", 0600),
          options = read_line_options(settings, limits)] {
    return one(LineInput::open_unix(path, permissions, options));
  };
}

OpenInputs read_handshake(Settings& settings, const InputLimits& limits) {
  return [zmq = read_zmq_settings(settings, limits, "tcp://127.0.0.1:5566")] {
    return one(HandshakeInput::open(zmq.address, zmq.reach, zmq.curve));
  };
}

}  // namespace

const std::vector<InputType>& input_types() {
  static const auto& types = *new std::vector<InputType>{
      {"handshake", read_handshake, false},
      {"statsd", read_statsd_input},
      {"tcp", read_tcp},
      {"udp", read_udp},
      {"unix", read_unix},
      {"zmq", read_zmq},
  };
  return types;
}

}  // namespace metlog
