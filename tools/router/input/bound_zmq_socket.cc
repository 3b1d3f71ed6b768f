#include "tools/router/input/bound_zmq_socket.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <zmq.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "metlog/internal/base/start_thread.h"
#include "metlog/internal/base/unique_fd.h"
#include "tools/router/input/address.h"

namespace metlog {
namespace {

// The time limit for ZMQ's greeting, before a peer may send.
constexpr int kGreetingMs = 3000;

// An idle connection to a machine that is gone ends after a minute.
constexpr int kKeepaliveIdleSeconds = 30;
constexpr int kKeepaliveIntervalSeconds = 10;
constexpr int kKeepaliveProbes = 3;

// Of each context.
constexpr std::size_t kZmqThreads = 2;

absl::Status no_socket(std::string_view endpoint, std::string_view why) {
  return absl::UnavailableError(fmt::format("{}: no ZMQ socket: {}", endpoint, why));
}

}  // namespace

absl::StatusOr<std::unique_ptr<BoundZmqSocket>> BoundZmqSocket::open(int type,
                                                                     std::string_view endpoint,
                                                                     Reach reach) {
  const absl::StatusOr<std::vector<std::string>> to_bind = zmq_endpoints_to_bind(endpoint, reach);
  if (!to_bind.ok()) return to_bind.status();
  if (!has_fd_headroom()) {
    return no_socket(endpoint, "too few free file descriptors; raise the limit (ulimit -n)");
  }
  // libzmq aborts the process when one is refused.
  if (absl::Status status = check_can_start_threads(kZmqThreads, "one of ZeroMQ's"); !status.ok()) {
    return status;
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

BoundZmqSocket::BoundZmqSocket(void* context, void* socket, std::vector<std::string> endpoints)
    : context_(context),
      socket_(socket),
      wanted_(std::move(endpoints)),
      endpoint_(wanted_.front()) {
  set(ZMQ_LINGER, 0);
  set(ZMQ_HANDSHAKE_IVL, kGreetingMs);
  set(ZMQ_TCP_KEEPALIVE, 1);
  set(ZMQ_TCP_KEEPALIVE_IDLE, kKeepaliveIdleSeconds);
  set(ZMQ_TCP_KEEPALIVE_INTVL, kKeepaliveIntervalSeconds);
  set(ZMQ_TCP_KEEPALIVE_CNT, kKeepaliveProbes);
}

BoundZmqSocket::~BoundZmqSocket() {
  drain_.reset();
  zmq_close(socket_);
  zmq_ctx_shutdown(context_);
  clients_.reset();
  zmq_ctx_term(context_);
}

ZmqDrain& BoundZmqSocket::drain() {
  if (!drain_.has_value()) drain_.emplace(context_, socket_, endpoint_);
  return *drain_;
}

void BoundZmqSocket::set(int option, int value) {
  zmq_setsockopt(socket_, option, &value, sizeof value);
}

void BoundZmqSocket::set_max_frame_bytes(std::size_t bytes) {
  const auto max_bytes = static_cast<std::int64_t>(bytes);
  zmq_setsockopt(socket_, ZMQ_MAXMSGSIZE, &max_bytes, sizeof max_bytes);
}

absl::Status BoundZmqSocket::set_curve(const CurveServer& server) {
  const std::string& key = server.keys.secret_key;
  set(ZMQ_CURVE_SERVER, 1);
  zmq_setsockopt(socket_, ZMQ_CURVE_SECRETKEY, key.c_str(), key.size() + 1);
  if (server.clients.empty()) return absl::OkStatus();
  auto clients = CurveClients::start(context_, server.clients);
  if (!clients.ok()) return clients.status();
  clients_ = *std::move(clients);
  return absl::OkStatus();
}

absl::Status BoundZmqSocket::bind() {
  constexpr std::string_view kIpc = "ipc://";
  if (endpoint_.rfind(kIpc, 0) == 0) return bind_ipc(endpoint_.substr(kIpc.size()));
  return bind_tcp();
}

absl::Status BoundZmqSocket::bind_ipc(std::string_view path) {
  absl::StatusOr<IpcListener> listener = IpcListener::open(path);
  if (!listener.ok()) return listener.status();
  ipc_.emplace(*std::move(listener));
  endpoint_ = "ipc://" + ipc_->path();
  const int fd = ipc_->duplicate();
  if (fd < 0) return no_socket(endpoint_, "too few free file descriptors; raise the limit");
  set(ZMQ_USE_FD, fd);
  const int error = bind_one(endpoint_);
  return error == 0 ? absl::OkStatus() : cannot_bind(endpoint_, error, "*");
}

absl::Status BoundZmqSocket::bind_tcp() {
  std::string bound;
  int error = 0;
  for (std::string endpoint : wanted_) {
    // All addresses of a name have one port, also when the kernel chose it.
    if (!bound.empty()) {
      endpoint.replace(endpoint.rfind(':'), std::string::npos, bound, bound.rfind(':'));
    }
    const int failed = bind_one(endpoint);
    if (failed != 0) error = failed;
    if (failed != 0 && (wanted_.size() == 1 || !is_about_address(failed))) {
      return cannot_bind(endpoint, failed, "*");
    }
    if (failed == 0 && bound.empty()) bound = endpoint_;
  }
  if (bound.empty()) return cannot_bind(wanted_.front(), error, "*");
  endpoint_ = bound;
  return absl::OkStatus();
}

int BoundZmqSocket::bind_one(const std::string& endpoint) {
  set(ZMQ_IPV6, endpoint.find('[') == std::string::npos ? 0 : 1);
  if (zmq_bind(socket_, endpoint.c_str()) != 0) return zmq_errno();
  if (ipc_.has_value()) return 0;
  std::array<char, 512> bound{};
  std::size_t size = bound.size();
  zmq_getsockopt(socket_, ZMQ_LAST_ENDPOINT, bound.data(), &size);
  endpoint_ = bound.data();
  return 0;
}

bool has_fd_headroom() {
  std::array<UniqueFd, 16> spare;
  for (UniqueFd& fd : spare) fd = UniqueFd(open("/dev/null", O_RDONLY | O_CLOEXEC));
  return std::all_of(spare.begin(), spare.end(), [](const UniqueFd& fd) { return fd.is_open(); });
}

}  // namespace metlog
