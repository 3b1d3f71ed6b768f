#include "metlog/internal/codec/envelope_reader.h"

#include <simdjson.h>

#include <string>
#include <utility>

namespace metlog {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

Value value_of(const element& json);

Value list_of(const simdjson::dom::array& json) {
  ValueList list;
  for (const element item : json) list.push_back(value_of(item));
  return list;
}

ValueMap map_of(const simdjson::dom::object& json) {
  ValueMap map;
  for (const simdjson::dom::key_value_pair member : json)
    map.set(member.key, value_of(member.value));
  return map;
}

Value value_of(const element& json) {
  switch (json.type()) {
    case element_type::ARRAY:
      return list_of(json.get_array().value_unsafe());
    case element_type::OBJECT:
      return map_of(json.get_object().value_unsafe());
    case element_type::INT64:
      return json.get_int64().value_unsafe();
    case element_type::UINT64:
      return json.get_uint64().value_unsafe();
    case element_type::DOUBLE:
      return json.get_double().value_unsafe();
    case element_type::STRING:
      return json.get_string().value_unsafe();
    case element_type::BOOL:
      return json.get_bool().value_unsafe();
    case element_type::NULL_VALUE:
      break;
  }
  return nullptr;
}

}  // namespace

struct EnvelopeReader::Parser {
  simdjson::dom::parser parser;
  std::string padded;
};

EnvelopeReader::EnvelopeReader() : parser_(std::make_unique<Parser>()) {}
EnvelopeReader::~EnvelopeReader() = default;

std::optional<Message> EnvelopeReader::read(std::string_view envelope, std::int64_t utc_ns,
                                            MessageSource source) {
  std::string& padded = parser_->padded;
  padded.reserve(envelope.size() + simdjson::SIMDJSON_PADDING);
  padded.assign(envelope);
  element json;
  if (parser_->parser.parse(padded.data(), padded.size(), false).get(json) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  Message::Parts parts;
  parts.utc_ns = utc_ns;
  std::string_view type;
  std::string_view logger;
  element payload;
  simdjson::dom::object fields;
  if (json["type"].get(type) != simdjson::SUCCESS ||
      json["logger"].get(logger) != simdjson::SUCCESS ||
      json["severity"].get(parts.severity) != simdjson::SUCCESS ||
      json["payload"].get(payload) != simdjson::SUCCESS ||
      json["fields"].get(fields) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  parts.type = type;
  parts.logger = logger;
  parts.payload = value_of(payload);
  parts.fields = map_of(fields);
  parts.source = std::move(source);
  return Message(std::move(parts));
}

}  // namespace metlog
