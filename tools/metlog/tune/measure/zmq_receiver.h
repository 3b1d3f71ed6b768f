#pragma once

#include <memory>

#include "tools/metlog/tune/measure/receiver.h"

namespace metlog {

/// A bare ZMQ SUB that is bound and subscribes to everything.
class ZmqReceiver final : public Receiver {
 public:
  static absl::StatusOr<std::unique_ptr<Receiver>> open(const std::string& endpoint);
  ~ZmqReceiver() override;

 protected:
  bool step() override;

 private:
  ZmqReceiver(void* context, void* socket) : context_(context), socket_(socket) {}

  void* const context_;
  void* const socket_;
};

}  // namespace metlog
