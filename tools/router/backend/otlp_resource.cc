#include "tools/router/backend/otlp_resource.h"

#include "absl/strings/str_cat.h"
#include "metlog/internal/text/json_text.h"

namespace metlog {

void append_text_attribute(std::string& out, std::string_view key, std::string_view text) {
  absl::StrAppend(&out, R"({"key":")", json_text(key), R"(","value":{"stringValue":")",
                  json_text(text), R"("}})");
}

OtlpResource::OtlpResource(const Options& options) : service_(options.service) {
  for (const auto& [key, value] : options.attributes) {
    others_ += ',';
    append_text_attribute(others_, key, value);
  }
}

const std::string& OtlpResource::attributes_of(const DecodedMessage& message) {
  const bool is_same_service = !service_.empty() || message.logger == logger_;
  if (has_last_ && is_same_service && message.pid == pid_ && message.hostname == hostname_) {
    return attributes_;
  }
  has_last_ = true;
  logger_ = message.logger;
  hostname_ = message.hostname;
  pid_ = message.pid;
  attributes_.assign(1, '[');
  // The specification wants a name where there is none.
  append_text_attribute(attributes_, "service.name",
                        !service_.empty() ? std::string_view(service_)
                        : logger_.empty() ? "unknown_service"
                                          : std::string_view(logger_));
  attributes_ += ',';
  append_text_attribute(attributes_, "host.name", hostname_);
  absl::StrAppend(&attributes_, R"(,{"key":"process.pid","value":{"intValue":")", pid_, R"("}})",
                  others_, "]");
  return attributes_;
}

}  // namespace metlog
