#include "tools/router/decode/decoded_message.h"

namespace metlog {
namespace {

/// Returns an element of an array; empty when it has fewer.
std::string_view element_in(std::string_view array, std::size_t index) {
  std::string_view element;
  JsonElements elements(array);
  do {
    if (!elements.next(element)) return {};
  } while (index-- != 0);
  return element;
}

}  // namespace

JsonValue DecodedMessage::payload() const {
  if (places == nullptr) return read_json_value(member_of(raw, "payload"));
  return read_json_value(between(places->payload, places->payload_end));
}

std::string_view DecodedMessage::payload_text() const {
  const JsonValue value = payload();
  switch (value.kind) {
    case JsonValue::Kind::kText:
      return value.text;
    case JsonValue::Kind::kAbsent:
    case JsonValue::Kind::kNull:
      return {};
    default:
      return without_whitespace(value.json);
  }
}

std::string_view DecodedMessage::placed_field(std::string_view key) const {
  for (std::size_t i = 0; i < places->field_count; ++i) {
    const FieldPlace& field = places->fields[i];
    if (std::string_view(at(field.key), field.key_size) != key) continue;
    return between(field.value, field.value_end);
  }
  return {};
}

// The shortest beginning of a path that is the key of an object counts.
std::string_view DecodedMessage::member_at(std::string_view path) const {
  bool is_placed = places != nullptr;
  std::string_view object = is_placed ? std::string_view() : member_of(raw, "fields");
  const auto find = [&](std::string_view key) {
    return is_placed ? placed_field(key) : member_of(object, key);
  };
  for (;;) {
    std::string_view value = find(path);
    if (!value.empty()) return value;
    std::size_t dot = path.find('.');
    while (dot != std::string_view::npos && !(value = find(path.substr(0, dot))).starts_with('{')) {
      dot = path.find('.', dot + 1);
    }
    if (dot == std::string_view::npos) return {};
    path.remove_prefix(dot + 1);
    object = value;
    is_placed = false;
  }
}

JsonValue DecodedMessage::field(std::string_view key) const {
  if (places == nullptr) return read_json_value(member_of(member_of(raw, "fields"), key));
  return read_json_value(placed_field(key));
}

JsonValue DecodedMessage::field(std::string_view key, std::size_t element) const {
  const std::string_view json = member_at(key);
  if (json.starts_with('[')) return read_json_value(element_in(json, element));
  return element == 0 ? read_json_value(json) : JsonValue();
}

MessageFields::MessageFields(const DecodedMessage& message) : message_(message) {
  if (message.places == nullptr) members_.emplace(member_of(message.raw, "fields"));
}

bool MessageFields::next(JsonMember& member) {
  if (members_.has_value()) return members_->next(member);
  if (next_ == message_.places->field_count) return false;
  const FieldPlace& field = message_.places->fields[next_++];
  member = {{message_.at(field.key), field.key_size},
            false,
            message_.between(field.value, field.value_end)};
  return true;
}

}  // namespace metlog
