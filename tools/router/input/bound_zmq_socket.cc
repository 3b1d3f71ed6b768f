#include "tools/router/input/bound_zmq_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <zmq.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "metlog/internal/base/unique_fd.h"
#include "tools/router/input/address.h"

namespace metlog {
namespace {

// The time limit for ZMQ's greeting, before a peer may send.
constexpr int kGreetingMs = 3000;

absl::Status no_socket(std::string_view endpoint, std::string_view why) {
  return absl::UnavailableError(fmt::format("{}: no ZMQ socket: {}", endpoint, why));
}

}  // namespace

absl::StatusOr<std::unique_ptr<BoundZmqSocket>> BoundZmqSocket::open(int type,
                                                                     std::string_view endpoint,
                                                                     Reach reach) {
  const absl::StatusOr<std::string> to_bind = zmq_endpoint_to_bind(endpoint, reach);
  if (!to_bind.ok()) return to_bind.status();
  if (!has_fd_headroom()) {
    return no_socket(endpoint, "too few free file descriptors; raise the limit (ulimit -n)");
  }
  void* context = zmq_ctx_new();
  void* socket = context == nullptr ? nullptr : zmq_socket(context, type);
  if (socket == nullptr) {
    const int error = zmq_errno();
    if (context != nullptr) zmq_ctx_term(context);
    return no_socket(endpoint, zmq_strerror(error));
  }
  return std::unique_ptr<BoundZmqSocket>(new BoundZmqSocket(context, socket, *to_bind));
}

BoundZmqSocket::BoundZmqSocket(void* context, void* socket, std::string_view endpoint)
    : context_(context), socket_(socket), endpoint_(endpoint) {
  set(ZMQ_LINGER, 0);
  set(ZMQ_HANDSHAKE_IVL, kGreetingMs);
  if (endpoint.find('[') != std::string_view::npos) set(ZMQ_IPV6, 1);
}

BoundZmqSocket::~BoundZmqSocket() {
  zmq_close(socket_);
  zmq_ctx_term(context_);
}

void BoundZmqSocket::set(int option, int value) {
  zmq_setsockopt(socket_, option, &value, sizeof value);
}

void BoundZmqSocket::set_max_frame_bytes(std::size_t bytes) {
  const auto max_bytes = static_cast<std::int64_t>(bytes);
  zmq_setsockopt(socket_, ZMQ_MAXMSGSIZE, &max_bytes, sizeof max_bytes);
}

absl::Status BoundZmqSocket::bind() {
  if (zmq_bind(socket_, endpoint_.c_str()) != 0) return cannot_bind(endpoint_, zmq_errno(), "*");
  std::array<char, 512> bound{};
  std::size_t size = bound.size();
  zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, bound.data(), &size);
  endpoint_ = bound.data();
  return absl::OkStatus();
}

bool has_fd_headroom() {
  std::array<UniqueFd, 16> spare;
  for (UniqueFd& fd : spare) fd = UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC));
  return std::all_of(spare.begin(), spare.end(), [](const UniqueFd& fd) { return fd.is_open(); });
}

}  // namespace metlog
