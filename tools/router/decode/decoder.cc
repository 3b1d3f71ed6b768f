#include "tools/router/decode/decoder.h"

#include <simdjson.h>

#include <algorithm>
#include <new>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "metlog/internal/text/json_text.h"
#include "tools/router/decode/envelope_key.h"
#include "tools/router/decode/envelope_scan.h"
#include "tools/router/decode/timestamp_check.h"
#include "tools/router/decode/value_scan.h"

namespace metlog {
namespace {

namespace dom = simdjson::dom;

static_assert(kFramePadding >= simdjson::SIMDJSON_PADDING);

template <class T>
bool take(dom::element value, T& target) {
  return value.get(target) == simdjson::SUCCESS;
}

JsonValue to_json_value(dom::element value) {
  using Kind = JsonValue::Kind;
  switch (value.type()) {
    case dom::element_type::STRING:
      return {Kind::kText, std::string_view(value), 0};
    case dom::element_type::INT64:
    case dom::element_type::UINT64:
    case dom::element_type::DOUBLE:
      return {Kind::kNumber, {}, double(value)};
    case dom::element_type::BOOL:
      return {Kind::kBool, {}, bool(value) ? 1.0 : 0.0};
    case dom::element_type::ARRAY:
      return {Kind::kArray, {}, 0};
    case dom::element_type::OBJECT:
      return {Kind::kObject, {}, 0};
    default:
      return {Kind::kNull, {}, 0};
  }
}

/// True when the object has one of its keys twice.
bool repeats_a_key(dom::object object) {
  constexpr std::size_t kFew = 16;
  if (object.size() > kFew) {
    std::unordered_map<std::string_view, bool> keys(2 * object.size());
    return !std::all_of(object.begin(), object.end(), [&](const dom::key_value_pair& member) {
      return keys.emplace(member.key, true).second;
    });
  }
  for (auto one = object.begin(); one != object.end(); ++one) {
    auto other = one;
    for (++other; other != object.end(); ++other) {
      if (other.key() == one.key()) return true;
    }
  }
  return false;
}

/// True when an object in the value, or the value itself, has a key twice.
bool has_repeated_keys(dom::element value) {
  if (value.is_array()) {
    const dom::array items = value.get_array().value_unsafe();
    return std::any_of(items.begin(), items.end(), has_repeated_keys);
  }
  if (!value.is_object()) return false;
  const dom::object object = value.get_object().value_unsafe();
  return repeats_a_key(object) ||
         std::any_of(object.begin(), object.end(), [](const dom::key_value_pair& member) {
           return has_repeated_keys(member.value);
         });
}

/// Appends the value as JSON on one line; of the members of an object that have one key only the
/// last.
void append_without_repeated_keys(std::string& out, dom::element value) {
  const char* comma = "";
  if (value.is_array()) {
    const dom::array items = value.get_array().value_unsafe();
    out += '[';
    for (const dom::element item : items) {
      append_without_repeated_keys(out.append(std::exchange(comma, ",")), item);
    }
    out += ']';
  } else if (value.is_object()) {
    const dom::object object = value.get_object().value_unsafe();
    std::unordered_map<std::string_view, std::size_t> last;  // the index of each key's last member
    std::size_t count = 0;
    for (const dom::key_value_pair member : object) last[member.key] = count++;
    std::size_t index = 0;
    out += '{';
    for (const dom::key_value_pair member : object) {
      if (last[member.key] != index++) continue;
      out.append(std::exchange(comma, ",")).append(1, '"').append(json_text(member.key));
      append_without_repeated_keys(out.append("\":"), member.value);
    }
    out += '}';
  } else {
    out.append(simdjson::minify(value));
  }
}

RejectReason reason_of(simdjson::error_code error) {
  switch (error) {
    case simdjson::NUMBER_ERROR:
      return RejectReason::kBadNumber;
    case simdjson::STRING_ERROR:
      return RejectReason::kBadString;
    default:
      return RejectReason::kNotJson;
  }
}

}  // namespace

struct Decoder::Parsed {
  dom::parser parser;
  dom::document document;
  dom::element payload;
  dom::object fields;
  EnvelopeCache cache;
  TimestampCheck timestamps;
  std::string rewritten;     // a message without its repeated keys, and the padding
  std::string_view scanned;  // a message that was scanned and is not parsed yet; empty when it is

  simdjson::error_code parse(std::string_view text) {
    return parser.parse_into_document(document, text.data(), text.size(), false).error();
  }
  /// Parses `scanned`, when payload or fields are asked for; it is known to be valid.
  bool parse_scanned();
  bool read_value(EnvelopeKey key, dom::element value, DecodedMessage& message);
  std::optional<RejectReason> read_envelope(DecodedMessage& message);
};

Decoder::Decoder(const DecoderLimits& limits)
    : limits_(limits), parsed_(std::make_unique<Parsed>()) {
  if (parsed_->parser.allocate(limits.message_bytes, limits.depth) != simdjson::SUCCESS ||
      parsed_->document.allocate(limits.message_bytes) != simdjson::SUCCESS) {
    throw std::bad_alloc();
  }
}

Decoder::~Decoder() = default;

std::optional<RejectReason> Decoder::decode(const MessageBytes& bytes, DecodedMessage& message) {
  if (bytes.sent_bytes > limits_.message_bytes || bytes.text.size() > limits_.message_bytes) {
    return RejectReason::kTooLong;
  }
  const std::string_view text = trim_json_whitespace(bytes.text);
  if (text.empty()) return RejectReason::kEmpty;
  message.raw = text;
  message.decoder = this;
  message.is_one_line = scan_envelope(text, limits_.depth, parsed_->cache, message);
  parsed_->scanned = message.is_one_line ? text : std::string_view();
  if (!message.is_one_line) {
    if (const std::optional<RejectReason> reason = parse(text)) return reason;
    if (has_repeated_keys(parsed_->document.root())) {
      if (const std::optional<RejectReason> reason = rewrite(message)) return reason;
    }
    if (const std::optional<RejectReason> reason = parsed_->read_envelope(message)) return reason;
  }
  if (limits_.any_timestamp || parsed_->timestamps.is_valid(message.timestamp)) return std::nullopt;
  return RejectReason::kBadTimestamp;
}

std::optional<RejectReason> Decoder::rewrite(DecodedMessage& message) {
  std::string& text = parsed_->rewritten;
  text.clear();
  append_without_repeated_keys(text, parsed_->document.root());
  const std::size_t size = text.size();
  text.append(kFramePadding, '\0');
  message.raw = std::string_view(text).substr(0, size);
  message.is_one_line = true;
  return parse(message.raw);
}

std::optional<RejectReason> Decoder::parse(std::string_view text) {
  const simdjson::error_code error = parsed_->parse(text);
  if (error == simdjson::SUCCESS) return std::nullopt;
  if (error == simdjson::CAPACITY) return RejectReason::kTooLong;
  if (error == simdjson::DEPTH_ERROR) return RejectReason::kTooDeep;
  if (error == simdjson::UTF8_ERROR) return RejectReason::kNotUtf8;
  const std::size_t end = end_of_first_value(text);
  if (end < text.size() && parsed_->parse(text.substr(0, end)) == simdjson::SUCCESS) {
    return RejectReason::kTrailingBytes;
  }
  return reason_of(error);
}

std::optional<RejectReason> Decoder::Parsed::read_envelope(DecodedMessage& message) {
  dom::object envelope;
  if (!take(document.root(), envelope)) return RejectReason::kNotAnObject;
  unsigned seen = 0;
  for (const dom::key_value_pair pair : envelope) {
    const EnvelopeKey key = envelope_key(pair.key);
    if (key == EnvelopeKey::kOther) continue;
    seen |= bit_of(key);
    if (!read_value(key, pair.value, message)) return RejectReason::kWrongType;
  }
  if (seen != kAllEnvelopeKeys) return RejectReason::kMissingKey;
  return std::nullopt;
}

bool Decoder::Parsed::read_value(EnvelopeKey key, dom::element value, DecodedMessage& message) {
  switch (key) {
    case EnvelopeKey::kType:
      return take(value, message.type);
    case EnvelopeKey::kTimestamp:
      return take(value, message.timestamp);
    case EnvelopeKey::kLogger:
      return take(value, message.logger);
    case EnvelopeKey::kSeverity:
      return take(value, message.severity);
    case EnvelopeKey::kPayload:
      payload = value;
      return true;
    case EnvelopeKey::kFields:
      return take(value, fields);
    case EnvelopeKey::kEnvVersion:
      return take(value, message.env_version);
    case EnvelopeKey::kPid:
      return take(value, message.pid);
    default:
      return take(value, message.hostname);
  }
}

bool Decoder::Parsed::parse_scanned() {
  if (scanned.empty()) return true;
  DecodedMessage again;
  if (parse(scanned) != simdjson::SUCCESS || read_envelope(again)) return false;
  scanned = {};
  return true;
}

JsonValue Decoder::payload() const {
  if (!parsed_->parse_scanned()) return {};
  return to_json_value(parsed_->payload);
}

JsonValue Decoder::field(std::string_view key) const {
  if (!parsed_->parse_scanned()) return {};
  dom::element value;
  if (parsed_->fields.at_key(key).get(value) != simdjson::SUCCESS) return {};
  return to_json_value(value);
}

JsonValue DecodedMessage::payload() const { return decoder->payload(); }

JsonValue DecodedMessage::field(std::string_view key) const { return decoder->field(key); }

}  // namespace metlog
