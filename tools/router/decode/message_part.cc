#include "tools/router/decode/message_part.h"

#include <algorithm>
#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/text/level_words.h"

namespace metlog {

std::optional<MessagePart> MessagePart::named(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Kind>, 7> kNames = {{
      {"Type", Kind::kType},
      {"Logger", Kind::kLogger},
      {"Severity", Kind::kSeverity},
      {"Level", Kind::kLevel},
      {"Hostname", Kind::kHostname},
      {"Pid", Kind::kPid},
      {"EnvVersion", Kind::kVersion},
  }};
  for (const auto& [known, kind] : kNames) {
    if (name == known) return MessagePart(kind, {});
  }
  constexpr std::string_view kField = "Fields[";
  if (!name.starts_with(kField) || !name.ends_with(']') || name.size() < kField.size() + 2) {
    return std::nullopt;
  }
  return MessagePart(Kind::kField, name.substr(kField.size(), name.size() - kField.size() - 1));
}

void MessagePart::append_to(std::string& out, const DecodedMessage& message) const {
  switch (kind_) {
    case Kind::kType:
      out += message.type;
      return;
    case Kind::kLogger:
      out += message.logger;
      return;
    case Kind::kHostname:
      out += message.hostname;
      return;
    case Kind::kVersion:
      out += message.env_version;
      return;
    case Kind::kSeverity:
      out += std::to_string(message.severity);
      return;
    case Kind::kLevel:
      out += level_word_of(message.severity);
      return;
    case Kind::kPid:
      out += std::to_string(message.pid);
      return;
    case Kind::kField: {
      const JsonValue value = message.field(field_, 0);
      const bool is_scalar =
          value.kind == JsonValue::Kind::kNumber || value.kind == JsonValue::Kind::kBool;
      if (value.kind == JsonValue::Kind::kText) out += value.text;
      if (is_scalar) out += value.json;
      return;
    }
  }
}

absl::StatusOr<MessageTemplate> MessageTemplate::parse(std::string_view text) {
  MessageTemplate made;
  made.pieces_.emplace_back();
  while (!text.empty()) {
    const std::size_t percent = std::min(text.find('%'), text.size());
    made.pieces_.back().text += text.substr(0, percent);
    text.remove_prefix(percent);
    if (text.empty()) break;
    if (text.starts_with("%%")) {
      made.pieces_.back().text += '%';
      text.remove_prefix(2);
      continue;
    }
    const std::size_t end = text.find('}');
    const bool is_part = text.starts_with("%{") && end != std::string_view::npos;
    const std::string_view name = is_part ? text.substr(2, end - 2) : std::string_view();
    std::optional<MessagePart> part = MessagePart::named(name);
    if (!part.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("'", std::string(text.substr(0, is_part ? end + 1 : 2)),
                       "' is no part of a message; write %{NAME}, of ", MessagePart::kKnown,
                       ", and %% for a percent sign"));
    }
    made.pieces_.back().part = std::move(part);
    made.pieces_.emplace_back();
    text.remove_prefix(end + 1);
  }
  return made;
}

void MessageTemplate::append_to(std::string& out, const DecodedMessage& message) const {
  for (const Piece& piece : pieces_) {
    out += piece.text;
    if (piece.part.has_value()) piece.part->append_to(out, message);
  }
}

}  // namespace metlog
