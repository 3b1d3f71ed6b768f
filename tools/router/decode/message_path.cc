#include "tools/router/decode/message_path.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace metlog {
namespace {

using Kind = JsonValue::Kind;

/// True for a value in which a key can be looked up, and is absent if it is no object.
bool may_have_members(Kind kind) {
  return kind == Kind::kObject || kind == Kind::kText || kind == Kind::kNull ||
         kind == Kind::kAbsent;
}

std::string_view digits_of(std::int64_t number, MessagePath::Digits& digits) {
  char* const end = std::to_chars(digits.begin(), digits.end(), number).ptr;
  return {digits.data(), static_cast<std::size_t>(end - digits.data())};
}

}  // namespace

std::optional<MessagePath> MessagePath::parse(std::string_view path) {
  std::vector<std::string> keys;
  for (;;) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end == 0) return std::nullopt;
    keys.emplace_back(path.substr(0, end));
    if (end == path.size()) return MessagePath(std::move(keys));
    path.remove_prefix(end + 1);
  }
}

MessagePath::MessagePath(std::vector<std::string> keys) : keys_(std::move(keys)) {
  constexpr std::array<std::pair<std::string_view, Root>, 7> kRoots = {
      {{"type", Root::kType},
       {"timestamp", Root::kTimestamp},
       {"logger", Root::kLogger},
       {"env_version", Root::kVersion},
       {"metlog_hostname", Root::kHostname},
       {"severity", Root::kSeverity},
       {"metlog_pid", Root::kPid}}};
  if (keys_.size() != 1) return;
  for (const auto& [key, root] : kRoots) {
    if (keys_.front() == key) root_ = root;
  }
}

std::optional<MessagePath::Found> MessagePath::find(const DecodedMessage& message,
                                                    Digits& digits) const {
  switch (root_) {
    case Root::kType:
      return Found{message.type};
    case Root::kTimestamp:
      return Found{message.timestamp};
    case Root::kLogger:
      return Found{message.logger};
    case Root::kVersion:
      return Found{message.env_version};
    case Root::kHostname:
      return Found{message.hostname};
    case Root::kSeverity:
      return Found{digits_of(message.severity, digits)};
    case Root::kPid:
      return Found{digits_of(message.pid, digits)};
    case Root::kOther:
      break;
  }
  const std::optional<JsonValue> value = value_in(message);
  if (!value.has_value()) return std::nullopt;
  if (value->kind == Kind::kText) return Found{value->text};
  if (value->kind == Kind::kNull) return Found{{}};
  if (value->kind == Kind::kAbsent) return Found{{}, false};
  return Found{without_whitespace(value->json)};
}

std::optional<JsonValue> MessagePath::value_in(const DecodedMessage& message) const {
  std::size_t next = 1;
  JsonValue value;
  if (keys_.front() == "payload") {
    value = message.payload();
  } else if (keys_.front() == "fields" && keys_.size() > 1) {
    value = message.field(keys_[next++]);
  } else {
    value = read_json_value(member_of(message.raw, keys_.front()));
  }
  for (; next < keys_.size(); ++next) {
    if (!may_have_members(value.kind)) return std::nullopt;
    value = value.kind == Kind::kObject ? read_json_value(member_of(value.json, keys_[next]))
                                        : JsonValue();
  }
  return value;
}

}  // namespace metlog
