#include "tools/router/decode/decoder.h"

#include <simdjson.h>

#include <new>

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
    if (const std::optional<RejectReason> reason = parsed_->read_envelope(message)) return reason;
  }
  if (limits_.any_timestamp || parsed_->timestamps.is_valid(message.timestamp)) return std::nullopt;
  return RejectReason::kBadTimestamp;
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
    const unsigned bit = bit_of(key);
    if ((seen & bit) != 0) return RejectReason::kDuplicateKey;
    seen |= bit;
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
