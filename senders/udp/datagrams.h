#pragma once

#include <cstddef>

#include "metlog/batch.h"

namespace metlog {

/// How the messages of a batch become datagrams. Used by one thread at a time.
class Datagrams {
 public:
  /// What became of one system call.
  struct Outcome {
    int error = 0;            // an errno; then nothing went
    std::size_t sent = 0;     // messages that the kernel took
    std::size_t refused = 1;  // with an error: messages of the datagram that it is about
  };

  virtual ~Datagrams() = default;

  /// The longest message, without its newline, that a datagram takes.
  [[nodiscard]] virtual std::size_t longest_message() const = 0;
  /// Offers the kernel what follows the batch's cursor, as much as one call takes. Requires that
  /// the message at the cursor is not too long. Takes nothing from the batch.
  virtual Outcome send(int socket, const Batch& batch) = 0;
};

}  // namespace metlog
