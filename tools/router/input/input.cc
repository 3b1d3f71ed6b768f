#include "tools/router/input/input.h"

#include <fmt/format.h>
#include <zmq.h>

#include <cerrno>

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

void wait_for_input(const std::vector<std::unique_ptr<Input>>& inputs,
                    std::chrono::milliseconds max_wait) {
  std::vector<zmq_pollitem_t> items;
  items.reserve(inputs.size());
  for (const auto& input : inputs) {
    const PollHandle handle = input->poll_handle();
    items.push_back({handle.zmq_socket, handle.fd, ZMQ_POLLIN, 0});
  }
  zmq_poll(items.data(), static_cast<int>(items.size()), max_wait.count());
}

}  // namespace metlog
