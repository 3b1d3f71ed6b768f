#pragma once

#include <ostream>

#include "metlog/sender.h"

namespace metlog {

/// Writes a line a message to a stream of the program's own: see make_stream_sender().
class StreamSender final : public Sender {
 public:
  explicit StreamSender(std::ostream& stream) : stream_(stream) {}

  SendResult send(Batch& batch) override;
  bool flush(std::chrono::nanoseconds limit) override;
  [[nodiscard]] std::string_view url() const override { return "stream:"; }

 private:
  bool write(std::string_view lines);

  std::ostream& stream_;
};

}  // namespace metlog
