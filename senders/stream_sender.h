#pragma once

#include <ostream>

#include "metlog/flush/sender.h"

namespace metlog {

/// Writes a line a message to a stream of the program's own, which outlives it and is not used by
/// others meanwhile: `metlog::open(std::make_unique<metlog::StreamSender>(out), options)`. Each
/// batch is one write() and one flush() of whole lines; without a batch that is full there is one
/// for each round of the flusher. What a stream refuses is lost as kRefused; the next batch is
/// tried again.
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
