#include "tools/router/backend/loki.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "metlog/internal/text/json_text.h"
#include "tools/router/decode/timestamp_check.h"

namespace metlog {

void LokiBody::open(std::string&) { streams_.clear(); }

std::string LokiBody::members_of(const Labels& labels, const DecodedMessage& message) {
  std::string members;
  std::string value;
  for (const auto& [name, text] : labels) {
    value.clear();
    text.append_to(value, message);
    if (value.empty()) continue;  // to Loki a label without a value is none
    absl::StrAppend(&members, members.empty() ? "\"" : ",\"", json_text(name), R"(":")",
                    json_text(value), "\"");
  }
  return members;
}

/// Empty when the message has no form.
std::string LokiBody::line_of(const DecodedMessage& message) {
  switch (options_.line) {
    case Line::kLogfmt:
      return logfmt_.text_of(message).value_or("");
    case Line::kText:
      return std::string(message.payload_text());
    case Line::kJson:
      break;
  }
  return std::string(message.raw);
}

bool LokiBody::add(const BodyItem& item, std::string&) {
  const DecodedMessage* const message = messages_.decode(item.message);
  if (message == nullptr) return false;
  const std::string labels = members_of(options_.labels, *message);
  const std::string line = line_of(*message);
  if (labels.empty() || (line.empty() && options_.line != Line::kText)) return false;
  const std::int64_t utc_ns = std::max<std::int64_t>(0, utc_ns_of_timestamp(message->timestamp));
  std::string entry = absl::StrCat("[\"", utc_ns, R"(",")", json_text(line), "\"");
  const std::string metadata = members_of(options_.metadata, *message);
  if (!metadata.empty()) absl::StrAppend(&entry, ",{", metadata, "}");
  entry += ']';
  streams_[labels].push_back({utc_ns, std::move(entry)});
  return true;
}

void LokiBody::close(std::string& body) {
  body += R"({"streams":[)";
  const char* before_stream = "";
  for (auto& [labels, entries] : streams_) {
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& one, const Entry& other) {
      return one.utc_ns < other.utc_ns;
    });
    absl::StrAppend(&body, std::exchange(before_stream, ","), R"({"stream":{)", labels,
                    R"(},"values":[)");
    const char* before_entry = "";
    for (const Entry& entry : entries) {
      absl::StrAppend(&body, std::exchange(before_entry, ","), entry.json);
    }
    body += "]}";
  }
  body += "]}";
}

BodyResult LokiReader::read_success(const HttpAnswer& answer, std::span<ItemResult>) {
  constexpr int kBlocked = 260;
  if (answer.status != kBlocked) return {};
  return {.kind = BodyResult::Kind::kRefused};
}

}  // namespace metlog
