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

/// A datagram a message, 64 in a call.
class PlainDatagrams final : public Datagrams {
 public:
  explicit PlainDatagrams(std::size_t max_datagram) : max_datagram_(max_datagram) {}

  [[nodiscard]] std::size_t longest_message() const override { return max_datagram_; }
  Outcome send(int socket, const Batch& batch) override;

 private:
  std::size_t max_datagram_;
};

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
