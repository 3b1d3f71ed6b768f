#include "tools/router/decode/decoder.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <new>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "metlog/internal/text/json_text.h"
#include "tools/router/decode/envelope_key.h"
#include "tools/router/decode/envelope_repair.h"
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

/// Copies a text that belongs to a message; padding follows.
std::string_view kept(std::string_view text, MessageMemory& memory) {
  char* const copy = memory.reserve<char>(text.size() + kFramePadding);
  std::fill_n(copy + text.copy(copy, text.size()), kFramePadding, '\0');
  memory.take<char>(text.size() + kFramePadding);
  return {copy, text.size()};
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
  EnvelopeCache cache;
  TimestampCheck timestamps;
  std::string rewritten;  // a message without its repeated keys, or of another form
  RepairedJson repaired;

  simdjson::error_code parse(std::string_view text) {
    return parser.parse_into_document(document, text.data(), text.size(), false).error();
  }
  bool read_value(EnvelopeKey key, dom::element value, DecodedMessage& message);
  std::optional<RejectReason> read_envelope(DecodedMessage& message);
  static void keep_texts(DecodedMessage& message, MessageMemory& memory);
};

Decoder::Decoder(const DecoderLimits& limits)
    : limits_(limits), parsed_(std::make_unique<Parsed>()) {
  if (parsed_->parser.allocate(limits.message_bytes, limits.depth) != simdjson::SUCCESS ||
      parsed_->document.allocate(limits.message_bytes) != simdjson::SUCCESS) {
    throw std::bad_alloc();
  }
}

Decoder::~Decoder() = default;

std::optional<RejectReason> Decoder::decode(const MessageBytes& bytes, DecodedMessage& message,
                                            MessageMemory& memory) {
  if (bytes.sent_bytes > limits_.message_bytes || bytes.text.size() > limits_.message_bytes) {
    return RejectReason::kTooLong;
  }
  const std::string_view text = trim_json_whitespace(bytes.text);
  if (text.empty()) return RejectReason::kEmpty;
  message.raw = text;
  message.repairs = {};
  message.is_one_line = scan_envelope(text, limits_.depth, parsed_->cache, message, memory);
  if (!message.is_one_line) {
    if (const std::optional<RejectReason> reason = read(message, memory)) return reason;
  }
  if (limits_.any_timestamp || parsed_->timestamps.is_valid(message.timestamp)) return std::nullopt;
  return read_other_form(RejectReason::kBadTimestamp, message, memory);
}

std::optional<RejectReason> Decoder::read(DecodedMessage& message, MessageMemory& memory) {
  if (const std::optional<RejectReason> reason = parse_tokens(message, memory)) return reason;
  if (has_repeated_keys(parsed_->document.root())) {
    if (const std::optional<RejectReason> reason = rewrite(message, memory)) return reason;
  }
  if (const std::optional<RejectReason> reason = parsed_->read_envelope(message)) {
    return read_other_form(*reason, message, memory);
  }
  parsed_->keep_texts(message, memory);
  message.places = nullptr;
  return std::nullopt;
}

std::optional<RejectReason> Decoder::parse_tokens(DecodedMessage& message, MessageMemory& memory) {
  const std::optional<RejectReason> reason = parse(message.raw);
  if (reason != RejectReason::kNotJson && reason != RejectReason::kBadNumber &&
      reason != RejectReason::kBadString) {
    return reason;
  }
  RepairedJson& repaired = parsed_->repaired;
  Repairs repairs = message.repairs;
  if (!repair_tokens(message.raw, repaired, repairs)) return reason;
  repaired.parsable.reserve(repaired.parsable.size() + kFramePadding);
  if (const std::optional<RejectReason> left = parse(repaired.parsable)) {
    return left == RejectReason::kTooLong ? left : reason;
  }
  message.raw = kept(repaired.text, memory);
  message.repairs = repairs;
  return std::nullopt;
}

std::optional<RejectReason> Decoder::read_other_form(RejectReason reason, DecodedMessage& message,
                                                     MessageMemory& memory) {
  if (reason != RejectReason::kMissingKey && reason != RejectReason::kWrongType &&
      reason != RejectReason::kBadTimestamp) {
    return reason;
  }
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const TimestampRepair timestamp{limits_.repair_timestamps, std::chrono::nanoseconds(now).count()};
  std::string& text = parsed_->rewritten;
  if (!rewrite_envelope(message.raw, timestamp, text, message.repairs)) return reason;
  if (text.size() > limits_.message_bytes) return RejectReason::kTooLong;
  message.raw = kept(text, memory);
  if (parse_tokens(message, memory).has_value()) return reason;
  if (const std::optional<RejectReason> left = parsed_->read_envelope(message)) return left;
  message.is_one_line = false;
  parsed_->keep_texts(message, memory);
  message.places = nullptr;
  return std::nullopt;
}

std::optional<RejectReason> Decoder::rewrite(DecodedMessage& message, MessageMemory& memory) {
  std::string& text = parsed_->rewritten;
  text.clear();
  append_without_repeated_keys(text, parsed_->document.root());
  message.raw = kept(text, memory);
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
      return true;
    case EnvelopeKey::kFields:
      return value.is_object();
    case EnvelopeKey::kEnvVersion:
      return take(value, message.env_version);
    case EnvelopeKey::kPid:
      return take(value, message.pid);
    default:
      return take(value, message.hostname);
  }
}

// The parsed document ends with the next one.
void Decoder::Parsed::keep_texts(DecodedMessage& message, MessageMemory& memory) {
  constexpr std::array kTexts = {&DecodedMessage::type, &DecodedMessage::timestamp,
                                 &DecodedMessage::logger, &DecodedMessage::env_version,
                                 &DecodedMessage::hostname};
  std::size_t size = 0;
  for (const auto text : kTexts) size += (message.*text).size();
  char* at = memory.reserve<char>(size);
  memory.take<char>(size);
  for (const auto text : kTexts) {
    const std::size_t copied = (message.*text).copy(at, std::string_view::npos);
    message.*text = {std::exchange(at, at + copied), copied};
  }
}

}  // namespace metlog
