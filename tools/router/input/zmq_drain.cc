#include "tools/router/input/zmq_drain.h"

#include <dirent.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <zmq.h>

#include <charconv>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace metlog {
namespace {

constexpr const char* kMonitorEndpoint = "inproc://metlog-drain";
/// Followed by a number; no process can listen there.
constexpr const char* kNowhere = "ipc:///dev/null/metlog-";

/// Names the local end of a stream socket: a path, `@` and a name, or a port. Empty for others.
std::string local_name(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (::getsockname(fd, generic, &size) != 0) return {};
  if (address.ss_family == AF_INET) {
    return std::to_string(ntohs(reinterpret_cast<const sockaddr_in&>(address).sin_port));
  }
  if (address.ss_family == AF_INET6) {
    return std::to_string(ntohs(reinterpret_cast<const sockaddr_in6&>(address).sin6_port));
  }
  constexpr std::size_t kBefore = offsetof(sockaddr_un, sun_path);
  if (address.ss_family != AF_UNIX || size <= kBefore) return {};
  const auto& unix_address = reinterpret_cast<const sockaddr_un&>(address);
  std::string name(unix_address.sun_path, size - kBefore);
  if (name.front() == '\0') {
    name.front() = '@';
  } else {
    name.resize(std::strlen(name.c_str()));
  }
  return name;
}

/// The name that local_name() gives to connections of a bound endpoint.
std::string name_of(std::string_view endpoint) {
  constexpr std::string_view kIpc = "ipc://";
  if (endpoint.rfind(kIpc, 0) == 0) return std::string(endpoint.substr(kIpc.size()));
  return std::string(endpoint.substr(endpoint.rfind(':') + 1));
}

bool has_unread_bytes(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM) return false;
  int unread = 0;  // a listening socket is refused
  return ::ioctl(fd, FIONREAD, &unread) == 0 && unread > 0;
}

void* open_monitor(void* context, void* socket) {
  if (::zmq_socket_monitor(socket, kMonitorEndpoint, ZMQ_EVENT_CONNECT_RETRIED) != 0) {
    return nullptr;
  }
  void* const monitor = ::zmq_socket(context, ZMQ_PAIR);
  const int none = 0;
  if (monitor == nullptr) return nullptr;
  ::zmq_setsockopt(monitor, ZMQ_LINGER, &none, sizeof none);
  ::zmq_connect(monitor, kMonitorEndpoint);
  return monitor;
}

}  // namespace

ZmqDrain::ZmqDrain(void* context, void* socket, const std::string& endpoint)
    : socket_(socket), monitor_(open_monitor(context, socket)), name_(name_of(endpoint)) {}

ZmqDrain::~ZmqDrain() {
  if (!pass_.empty()) end_pass();
  ::zmq_socket_monitor(socket_, nullptr, 0);
  if (monitor_ != nullptr) ::zmq_close(monitor_);
}

void ZmqDrain::restart() { has_passed_ = false; }

bool ZmqDrain::is_dry() {
  if (monitor_ == nullptr) return true;  // out of descriptors: nobody can know
  if (has_unread()) {
    has_passed_ = false;
    return false;
  }
  if (has_passed_) return true;
  if (pass_.empty()) {
    begin_pass();
  } else if (is_pass_over()) {
    end_pass();
    has_passed_ = true;  // what the pass brought is in the socket now
  }
  return false;
}

bool ZmqDrain::has_unread() const {
  const std::unique_ptr<DIR, int (*)(DIR*)> all(::opendir("/proc/self/fd"), ::closedir);
  if (all == nullptr) return false;
  while (const dirent* const entry = ::readdir(all.get())) {
    const std::string_view digits = entry->d_name;
    int fd = -1;
    std::from_chars(digits.data(), digits.data() + digits.size(), fd);
    if (fd >= 0 && has_unread_bytes(fd) && local_name(fd) == name_) return true;
  }
  return false;
}

// libzmq's thread does what it is told in order. When it fails to connect to nowhere, it has done
// what reading from the socket told it before, which is to go on with a connection that had filled
// the socket's queue; and it has passed on what it had read from the kernel.
void ZmqDrain::begin_pass() {
  pass_ = absl::StrCat(kNowhere, ++pass_count_);
  ::zmq_connect(socket_, pass_.c_str());
}

bool ZmqDrain::is_pass_over() {
  bool is_over = false;
  zmq_msg_t part;
  ::zmq_msg_init(&part);
  while (::zmq_msg_recv(&part, monitor_, ZMQ_DONTWAIT) >= 0) {
    const std::string_view text(static_cast<const char*>(::zmq_msg_data(&part)),
                                ::zmq_msg_size(&part));
    is_over = is_over || text == pass_;
  }
  ::zmq_msg_close(&part);
  return is_over;
}

void ZmqDrain::end_pass() {
  ::zmq_disconnect(socket_, pass_.c_str());
  pass_.clear();
}

}  // namespace metlog
