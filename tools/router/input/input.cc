#include "tools/router/input/input.h"

#include <fmt/format.h>
#include <poll.h>
#include <zmq.h>

#include <cerrno>
#include <ctime>

namespace metlog {

absl::Status cannot_bind(std::string_view endpoint, int error, std::string_view any_port) {
  const std::string advice =
      error == EADDRINUSE
          ? fmt::format(
                "Is another metlogd running? Name another port, or {} and let the kernel "
                "choose one",
                any_port)
          : "Name an address of this machine that you may bind, or a path that you may write to";
  return absl::UnavailableError(
      fmt::format("{}: cannot bind: {}. {}", endpoint, zmq_strerror(error), advice));
}

namespace {

/// Takes the news that libzmq has for the socket; true when there is a frame.
bool has_frame(void* zmq_socket) {
  int events = 0;
  std::size_t size = sizeof events;
  zmq_getsockopt(zmq_socket, ZMQ_EVENTS, &events, &size);
  return (events & ZMQ_POLLIN) != 0;
}

/// Becomes readable when there is news for a socket that had none.
int news_fd(void* zmq_socket) {
  int fd = -1;
  std::size_t size = sizeof fd;
  zmq_getsockopt(zmq_socket, ZMQ_FD, &fd, &size);
  return fd;
}

}  // namespace

// zmq_poll() looks twice at every socket before it waits and once after it, with three system calls
// each.
void wait_for_input(const std::vector<std::unique_ptr<Input>>& inputs,
                    std::chrono::nanoseconds max_wait) {
  std::vector<int> fds;
  fds.reserve(inputs.size());
  for (const auto& input : inputs) {
    const PollHandle handle = input->poll_handle();
    if (handle.zmq_socket != nullptr && has_frame(handle.zmq_socket)) return;
    fds.push_back(handle.zmq_socket == nullptr ? handle.fd : news_fd(handle.zmq_socket));
  }
  wait_for_any(fds, max_wait);
}

bool are_dry(const std::vector<std::unique_ptr<Input>>& inputs) {
  bool dry = true;
  for (const auto& input : inputs) dry = input->is_dry() && dry;
  return dry;
}

void wait_for_any(const std::vector<int>& fds, std::chrono::nanoseconds max_wait) {
  std::vector<pollfd> polled;
  polled.reserve(fds.size());
  for (const int fd : fds) polled.push_back({fd, POLLIN, 0});
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(max_wait);
  const timespec limit = {static_cast<time_t>(seconds.count()),
                          static_cast<long>((max_wait - seconds).count())};
  ppoll(polled.data(), polled.size(), &limit, nullptr);
}

}  // namespace metlog
