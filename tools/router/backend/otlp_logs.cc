#include "tools/router/backend/otlp_logs.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/codec/layouts.h"
#include "metlog/internal/text/json_text.h"

namespace metlog {

OtlpLogsBody::OtlpLogsBody(const OtlpResource::Options& resource,
                           std::function<std::int64_t()> now_ns)
    : now_ns_(std::move(now_ns)), resource_(resource), records_(otel_record_layout()) {}

void OtlpLogsBody::open(std::string&) {
  groups_.clear();
  observed_ = absl::StrCat(R"({"observedTimeUnixNano":")", now_ns_(), R"(",)");
}

bool OtlpLogsBody::add(const BodyItem& item, std::string&) {
  const DecodedMessage* const message = messages_.decode(item.message);
  if (message == nullptr) return false;
  const std::optional<std::string> record = records_.text_of(*message);
  if (!record.has_value()) return false;
  Scopes& scopes = groups_[resource_.attributes_of(*message)];
  auto scope = scopes.find(message->logger);
  if (scope == scopes.end()) scope = scopes.emplace(message->logger, "").first;
  std::string& records = scope->second;
  if (!records.empty()) records += ',';
  records.append(observed_).append(*record, 1);
  return true;
}

void OtlpLogsBody::close(std::string& body) {
  body += R"({"resourceLogs":[)";
  const char* before_resource = "";
  for (const auto& [attributes, scopes] : groups_) {
    absl::StrAppend(&body, std::exchange(before_resource, ","), R"({"resource":{"attributes":)",
                    attributes, R"(},"scopeLogs":[)");
    const char* before_scope = "";
    for (const auto& [logger, records] : scopes) {
      absl::StrAppend(&body, std::exchange(before_scope, ","), R"({"scope":{"name":")",
                      json_text(logger), R"("},"logRecords":[)", records, "]}");
    }
    body += "]}";
  }
  body += "]}";
}

}  // namespace metlog
