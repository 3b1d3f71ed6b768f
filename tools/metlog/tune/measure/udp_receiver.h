#pragma once

#include <memory>
#include <vector>

#include "metlog/internal/base/unique_fd.h"
#include "tools/metlog/tune/measure/receiver.h"

namespace metlog {

/// A UDP socket on loopback, read many datagrams at a time.
class UdpReceiver final : public Receiver {
 public:
  static absl::StatusOr<std::unique_ptr<Receiver>> open();
  ~UdpReceiver() override { stop(); }

 protected:
  bool step() override;

 private:
  explicit UdpReceiver(UniqueFd socket);

  const UniqueFd socket_;
  std::vector<char> buffer_;
};

}  // namespace metlog
