#include "senders/zmq/zmq_context.h"

#include <fcntl.h>
#include <unistd.h>
#include <zmq.h>

#include <array>
#include <cerrno>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/base/standard_descriptors.h"
#include "metlog/internal/base/start_thread.h"
#include "metlog/internal/base/unique_fd.h"

namespace metlog {
namespace {

/// A context, a socket, its monitor and its connection together need up to 14; a handshake fewer.
constexpr int kDescriptorsNeeded = 16;

/// The one that ends sockets, and one for input and output.
constexpr std::size_t kThreadsNeeded = 2;

/// Begins the names of our libzmq's threads, `5565/ZMQbg/IO/0`, by which MainThreadWatch tells them
/// from those of a host that uses libzmq, too.
constexpr int kThreadNamePrefix = 5565;

/// libzmq starts its threads with a context's first socket, and aborts the process when one is
/// refused. So they are tried first, and then made to start at once.
absl::Status start_threads(void* context) {
  if (absl::Status status = check_can_start_threads(kThreadsNeeded, "one of ZeroMQ's");
      !status.ok()) {
    return status;
  }
  void* const socket = ::zmq_socket(context, ZMQ_PAIR);
  if (socket == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot start ZeroMQ: ", ::zmq_strerror(errno)));
  }
  ::zmq_close(socket);
  return absl::OkStatus();
}

absl::Status check_descriptors() {
  keep_standard_descriptors();  // libzmq opens its own at any time
  std::array<UniqueFd, kDescriptorsNeeded> reserved;
  for (UniqueFd& fd : reserved) {
    fd = UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (fd.is_open()) continue;
    const int error = errno;
    const absl::Status status = errno_status(
        error, absl::StrCat("ZeroMQ needs ", kDescriptorsNeeded, " free file descriptors"),
        "raise the limit with ulimit -n, or close some");
    return absl::ResourceExhaustedError(status.message());
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::shared_ptr<ZmqContext>> ZmqContext::acquire() {
  // Never destroyed: a client may be closed during static destruction.
  static auto& mutex = *new std::mutex;
  static auto& shared = *new std::weak_ptr<ZmqContext>;
  const absl::Status status = check_descriptors();
  if (!status.ok()) return status;
  const std::lock_guard lock(mutex);
  std::shared_ptr<ZmqContext> context = shared.lock();
  if (context != nullptr && !context->is_foreign()) return context;
  void* made = ::zmq_ctx_new();
  if (made == nullptr) {
    return absl::UnavailableError(absl::StrCat("cannot start ZeroMQ: ", ::zmq_strerror(errno)));
  }
  ::zmq_ctx_set(made, ZMQ_THREAD_NAME_PREFIX, kThreadNamePrefix);
  context = std::shared_ptr<ZmqContext>(new ZmqContext(made));
  if (const absl::Status started = start_threads(made); !started.ok()) return started;
  shared = context;
  return context;
}

ZmqContext::ZmqContext(void* context) : context_(context), owner_(::getpid()) {}

ZmqContext::~ZmqContext() {
  if (is_foreign()) return;
  // Every socket has been closed with a bounded linger, so this ends.
  while (::zmq_ctx_term(context_) != 0 && errno == EINTR) {
  }
}

bool ZmqContext::is_foreign() const { return ::getpid() != owner_; }

}  // namespace metlog
