#include "tools/router/input/input.h"

#include <zmq.h>

namespace metlog {

void wait_for_input(const std::vector<std::unique_ptr<Input>>& inputs,
                    std::chrono::milliseconds longest) {
  std::vector<zmq_pollitem_t> items;
  items.reserve(inputs.size());
  for (const auto& input : inputs) {
    const PollHandle handle = input->poll_handle();
    items.push_back({handle.zmq_socket, handle.fd, ZMQ_POLLIN, 0});
  }
  zmq_poll(items.data(), static_cast<int>(items.size()), longest.count());
}

}  // namespace metlog
