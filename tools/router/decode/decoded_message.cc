#include "tools/router/decode/decoded_message.h"

#include <string>

namespace metlog {
namespace {

bool is_key(const JsonMember& member, std::string_view key) {
  if (!member.key_has_escapes) return member.key == key;
  std::string unescaped;
  append_unescaped(unescaped, member.key);
  return unescaped == key;
}

/// Returns the value of a key; empty when the object has none.
std::string_view value_in(std::string_view object, std::string_view key) {
  JsonMember member;
  for (JsonMembers members(object); members.next(member);) {
    if (is_key(member, key)) return member.value;
  }
  return {};
}

}  // namespace

JsonValue DecodedMessage::payload() const {
  if (places == nullptr) return read_json_value(value_in(raw, "payload"));
  return read_json_value(between(places->payload, places->payload_end));
}

JsonValue DecodedMessage::field(std::string_view key) const {
  if (places == nullptr) return read_json_value(value_in(value_in(raw, "fields"), key));
  for (std::size_t i = 0; i < places->field_count; ++i) {
    const FieldPlace& field = places->fields[i];
    if (std::string_view(at(field.key), field.key_size) != key) continue;
    return read_json_value(between(field.value, field.value_end));
  }
  return {};
}

}  // namespace metlog
