#pragma once

#include <cstddef>

#include "metlog/flush/batch.h"

namespace metlog {

/// Sends the message at the batch's cursor as a frame of its own, without waiting. How many
/// messages the frame held; 0, and zmq_errno() tells why, when libzmq did not take it.
std::size_t send_plain_frame(void* socket, const Batch& batch);

/// The same with as many messages as fit into a batched frame of `max_frame` bytes, at least one.
std::size_t send_batched_frame(void* socket, const Batch& batch, std::size_t max_frame);

}  // namespace metlog
