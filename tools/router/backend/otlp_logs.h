#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "metlog/internal/base/system_facts.h"
#include "tools/router/backend/body_message.h"
#include "tools/router/backend/otlp_resource.h"
#include "tools/router/encode/layout_text.h"
#include "tools/router/http/body_encoder.h"

namespace metlog {

/// OTLP's ExportLogsServiceRequest as JSON, of messages that are JSON as they were received. Each
/// is a LogRecord as the format otel of clients has it (docs/formats.md), and the time at which the
/// body was made as the time of observation. They are grouped by resource and by logger, which is
/// the scope; in a group they keep their order. A message with a number that 64 bits and a double
/// do not hold has no form.
class OtlpLogsBody final : public BodyEncoder {
 public:
  explicit OtlpLogsBody(const OtlpResource::Options& resource,
                        std::function<std::int64_t()> now_ns = utc_now_ns);

  [[nodiscard]] std::string_view content_type() const override { return "application/json"; }
  void open(std::string& body) override;
  bool add(const BodyItem& item, std::string& body) override;
  void close(std::string& body) override;

 private:
  using Scopes = std::map<std::string, std::string, std::less<>>;  // the records by logger

  const std::function<std::int64_t()> now_ns_;
  BodyMessage messages_;
  OtlpResource resource_;
  LayoutText records_;
  std::string observed_;                               // the member, which begins a record
  std::map<std::string, Scopes, std::less<>> groups_;  // by the resource's attributes
};

}  // namespace metlog
