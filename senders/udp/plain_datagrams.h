#pragma once

#include "senders/udp/datagrams.h"

namespace metlog {

/// A datagram a message, 64 in a call.
class PlainDatagrams final : public Datagrams {
 public:
  explicit PlainDatagrams(std::size_t max_datagram) : max_datagram_(max_datagram) {}

  [[nodiscard]] std::size_t longest_message() const override { return max_datagram_; }
  Outcome send(int socket, const Batch& batch) override;

 private:
  std::size_t max_datagram_;
};

}  // namespace metlog
