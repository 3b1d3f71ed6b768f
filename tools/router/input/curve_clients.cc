#include "tools/router/input/curve_clients.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <zmq.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/base/start_thread.h"
#include "senders/zmq/curve_keys.h"

namespace metlog {
namespace {

constexpr char kEndpoint[] = "inproc://zeromq.zap.01";
constexpr std::int64_t kReadAgainNs = 1'000'000'000;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kKeyChars = 40;

std::int64_t monotonic_now_ns() {
  return std::chrono::steady_clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

/// When the folder's list of names changed last; -1 when it cannot be looked at.
std::int64_t changed_ns(const std::string& folder) {
  struct stat about {};
  if (::stat(folder.c_str(), &about) != 0) return -1;
  return static_cast<std::int64_t>(about.st_mtim.tv_sec) * 1'000'000'000 + about.st_mtim.tv_nsec;
}

absl::Status cannot_read(const std::string& folder, int error) {
  return errno_status(error, fmt::format("cannot read the folder of clients' keys '{}'", folder),
                      "make it, and put a file *.pub of metlog keygen there for each client");
}

/// The text of a key; empty when these are not the bytes of one.
std::string key_text(std::string_view bytes) {
  std::array<char, kKeyChars + 1> text{};
  if (bytes.size() != kKeyBytes) return {};
  const auto* const key = reinterpret_cast<const std::uint8_t*>(bytes.data());
  return ::zmq_z85_encode(text.data(), key, bytes.size()) != nullptr ? text.data() : "";
}

}  // namespace

/// The frames of a request, in their order.
struct CurveClients::Request {
  enum Frame : std::size_t {
    kVersion,
    kId,
    kDomain,
    kAddress,
    kIdentity,
    kMechanism,
    kKey,
    kCount
  };

  /// Waits for the next one. False when the context has been shut down.
  bool receive(void* socket) {
    frames.clear();
    int has_more = 1;
    while (has_more != 0) {
      std::array<char, 256> frame;
      const int size = ::zmq_recv(socket, frame.data(), frame.size(), 0);
      if (size < 0 && ::zmq_errno() != EINTR) return false;
      if (size < 0) continue;
      frames.emplace_back(frame.data(), std::min(static_cast<std::size_t>(size), frame.size()));
      std::size_t option_size = sizeof has_more;
      ::zmq_getsockopt(socket, ZMQ_RCVMORE, &has_more, &option_size);
    }
    frames.resize(std::max<std::size_t>(frames.size(), kCount));
    return true;
  }

  /// Sends the answer: the codes are those of HTTP.
  void answer(void* socket, bool is_good) const {
    const std::array<std::string_view, 6> answer = {
        "1.0", frames[kId], is_good ? "200" : "400", is_good ? "" : "No such client", "", ""};
    for (std::size_t i = 0; i < answer.size(); ++i) {
      const int more = i + 1 < answer.size() ? ZMQ_SNDMORE : 0;
      ::zmq_send(socket, answer[i].data(), answer[i].size(), more);
    }
  }

  std::vector<std::string> frames;
};

absl::StatusOr<std::unique_ptr<CurveClients>> CurveClients::start(void* zmq_context,
                                                                  std::string folder) {
  std::unique_ptr<CurveClients> clients(new CurveClients(std::move(folder)));
  absl::Status status = clients->read_folder(Faults::kAreErrors);
  if (!status.ok()) return status;
  clients->socket_ = ::zmq_socket(zmq_context, ZMQ_REP);
  if (clients->socket_ == nullptr || ::zmq_bind(clients->socket_, kEndpoint) != 0) {
    const int error = ::zmq_errno();
    if (clients->socket_ != nullptr) ::zmq_close(std::exchange(clients->socket_, nullptr));
    return absl::UnavailableError(
        fmt::format("'{}': libzmq cannot ask for keys: {}", clients->folder_, zmq_strerror(error)));
  }
  status = start_thread(clients->thread_, "that of clients' keys",
                        [all = clients.get()] { all->answer_all(); });
  if (status.ok()) return clients;
  ::zmq_close(std::exchange(clients->socket_, nullptr));
  return status;
}

CurveClients::~CurveClients() {
  if (thread_.joinable()) thread_.join();
}

// A socket is used by one thread: the one that ends closes it.
void CurveClients::answer_all() {
  Request request;
  while (request.receive(socket_)) {
    const bool is_good = may_enter(request);
    if (!is_good) refused_.fetch_add(1, std::memory_order_relaxed);  // relaxed: a counter
    request.answer(socket_, is_good);
  }
  ::zmq_close(socket_);
}

bool CurveClients::is_stale() const {
  return changed_ns_ != changed_ns(folder_) || monotonic_now_ns() - read_ns_ >= kReadAgainNs;
}

bool CurveClients::may_enter(const Request& request) {
  if (is_stale()) {
    const absl::Status status = read_folder(Faults::kAreReported);
    if (!status.ok()) diagnose_seldom(say_fault_, "%s", std::string(status.message()).c_str());
  }
  if (request.frames[Request::kMechanism] != "CURVE") return false;
  const std::string key = key_text(request.frames[Request::kKey]);
  if (!key.empty() && keys_.count(key) != 0) return true;
  diagnose_seldom(say_refused_,
                  "refused a client from %s with the public key %s: it is in no file *.pub of '%s'",
                  request.frames[Request::kAddress].c_str(), key.c_str(), folder_.c_str());
  return false;
}

absl::Status CurveClients::read_folder(Faults faults) {
  // Asked before the reading, so that what changes meanwhile is read the next time.
  changed_ns_ = changed_ns(folder_);
  read_ns_ = monotonic_now_ns();
  keys_.clear();
  std::error_code error;
  std::filesystem::directory_iterator file(folder_, error);
  for (; !error && file != std::filesystem::directory_iterator(); file.increment(error)) {
    if (file->path().extension() != ".pub") continue;
    absl::StatusOr<std::string> key = read_curve_public_key(file->path());
    if (key.ok()) {
      keys_.insert(*std::move(key));
    } else if (faults == Faults::kAreErrors) {
      return key.status();
    } else {
      diagnose_seldom(say_fault_, "%s", std::string(key.status().message()).c_str());
    }
  }
  return error ? cannot_read(folder_, error.value()) : absl::OkStatus();
}

}  // namespace metlog
