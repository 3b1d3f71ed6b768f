#pragma once

#include "senders/udp/batched_datagrams.h"

namespace metlog {

/// Batched frames of one length in a row, which the kernel cuts into datagrams (UDP_SEGMENT): at
/// most 64 and 65,507 bytes in a call. Shorter ones are padded to the longest of the call, but for
/// the last. A message that has a larger frame to itself goes as BatchedDatagrams sends it; so does
/// everything once the kernel, or the device behind it, has refused to cut.
class SegmentedDatagrams final : public Datagrams {
 public:
  explicit SegmentedDatagrams(const DatagramLimits& limits) : limits_(limits), whole_(limits) {}

  [[nodiscard]] std::size_t longest_message() const override { return whole_.longest_message(); }
  Outcome send(int socket, const Batch& batch) override;
  /// Whether the kernel has not yet refused.
  [[nodiscard]] bool kernel_cuts() const { return kernel_cuts_; }

 private:
  DatagramLimits limits_;
  BatchedDatagrams whole_;
  bool kernel_cuts_ = true;
};

}  // namespace metlog
