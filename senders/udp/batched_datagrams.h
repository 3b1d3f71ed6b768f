#pragma once

#include "senders/udp/datagrams.h"

namespace metlog {

/// Bytes of the longest datagram that UDP over IPv4 carries.
inline constexpr std::size_t kLargestDatagram = 65507;

/// Sizes of batched datagrams, header included.
struct DatagramLimits {
  std::size_t wanted;  // into so many go as many messages as fit
  std::size_t most;    // of one that holds a single message; wanted..65507
};

/// A batched frame a datagram, 64 in a call. The lines go from where they stand in the batch.
class BatchedDatagrams final : public Datagrams {
 public:
  explicit BatchedDatagrams(const DatagramLimits& limits) : limits_(limits) {}

  [[nodiscard]] std::size_t longest_message() const override;
  Outcome send(int socket, const Batch& batch) override;

 private:
  DatagramLimits limits_;
};

}  // namespace metlog
