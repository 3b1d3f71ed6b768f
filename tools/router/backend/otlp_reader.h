#pragma once

#include <cstdint>

#include "tools/router/http/answer_reader.h"

namespace metlog {

/// The contract of OTLP/HTTP: 2xx is delivered, but for as many messages as partialSuccess says are
/// rejected, which are never sent again; 429, 502, 503 and 504 may pass, as the specification lists
/// them; the rest as StatusReader has it. What is rejected of metrics are points, each of many
/// messages: then all of the body is lost.
class OtlpReader final : public StatusReader {
 public:
  enum class Signal : std::uint8_t { kLogs, kMetrics };

  explicit OtlpReader(Signal signal) : signal_(signal) {}

 protected:
  BodyResult read_success(const HttpAnswer& answer, std::span<ItemResult> items) override;
  [[nodiscard]] bool is_temporary(int status) const override {
    return status == 429 || status == 502 || status == 503 || status == 504;
  }

 private:
  const Signal signal_;
};

}  // namespace metlog
