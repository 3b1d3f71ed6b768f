#include "tools/router/sentry/sentry_body.h"

#include <simdjson.h>
#include <time.h>
#include <zlib.h>

#include <algorithm>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/timestamp_text.h"
#include "tools/router/decode/decoded_message.h"
#include "tools/router/decode/json_value.h"
#include "tools/router/input/frame.h"

namespace metlog {
namespace {

timespec utc_now() {
  timespec now{};
  ::clock_gettime(CLOCK_REALTIME, &now);
  return now;
}

std::string text_of(const timespec& time) {
  char text[TimestampText::kBytes];
  return {text, TimestampText().append(text, time.tv_sec * 1'000'000'000L + time.tv_nsec)};
}

std::string json_string(std::string_view text) { return absl::StrCat("\"", json_text(text), "\""); }

std::string json_string(const JsonValue& text) { return json_string(text.text); }

/// The values of an envelope's members and of some fields, in a message that was decoded before.
struct Envelope {
  explicit Envelope(std::string_view message) : padded(message) {
    padded.append(kFramePadding, '\0');
    each_member(std::string_view(padded).substr(0, message.size()),
                [this](const JsonMember& member) {
                  const JsonValue value = read_json_value(member.value);
                  if (member.key == "type") type = std::string(value.text);
                  if (member.key == "timestamp") timestamp = json_string(value);
                  if (member.key == "logger") logger = json_string(value);
                  if (member.key == "metlog_hostname") hostname = json_string(value);
                  if (member.key == "severity") severity = value.number;
                  if (member.key == "payload") payload = member.value;
                  if (member.key == "fields") fields = member.value;
                });
    if (!fields.starts_with('{')) return;
    each_member(fields, [this](const JsonMember& member) {
      if (member.key == "trace_id") trace_id = std::string(read_json_value(member.value).text);
      if (member.key == "span_id") span_id = std::string(read_json_value(member.value).text);
      if (member.key == "epoch_timestamp") epoch = member.value;
    });
  }

  template <class Function>
  static void each_member(std::string_view object, Function function) {
    JsonMembers members(object);
    for (JsonMember member; members.next(member);) {
      if (!member.key_has_escapes) function(member);
    }
  }

  /// A text itself, null as nothing, else JSON.
  [[nodiscard]] std::string payload_text() const {
    const JsonValue value = read_json_value(payload);
    if (value.kind == JsonValue::Kind::kText) return std::string(value.text);
    if (value.kind == JsonValue::Kind::kNull) return {};
    return std::string(without_whitespace(payload));
  }

  std::string padded;
  std::string type;
  std::string timestamp = "null";
  std::string logger = "null";
  std::string hostname = "null";
  double severity = 6;
  std::string_view payload;  // JSON, as the next two
  std::string_view fields;
  std::string_view epoch;
  std::string trace_id;
  std::string span_id;
};

bool is_hex(std::string_view text, std::size_t size) {
  return text.size() == size &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string_view level_of(double severity) {
  if (severity <= 2) return "fatal";
  if (severity <= 3) return "error";
  if (severity <= 4) return "warning";
  return severity <= 6 ? "info" : "debug";
}

/// Inflates up to the longest event; none for what is no zlib stream, or longer.
std::optional<std::string> inflated(std::string_view packed) {
  std::string text(EnvelopeBody::kMaxEventBytes, '\0');
  uLongf size = text.size();
  const auto* const bytes = reinterpret_cast<const Bytef*>(packed.data());
  if (::uncompress(reinterpret_cast<Bytef*>(text.data()), &size, bytes, packed.size()) != Z_OK) {
    return std::nullopt;
  }
  text.resize(size);
  return text;
}

struct Event {
  std::string id;
  std::string json;  // in one line
};

/// The event that the payload is; none when it is no JSON object.
std::optional<Event> event_in(const std::string& payload, const BodyItem& item) {
  std::string text = payload;
  std::string packed;
  if (!text.starts_with('{')) {
    if (!absl::Base64Unescape(text, &packed)) return std::nullopt;
    std::optional<std::string> unpacked = inflated(packed);
    if (!unpacked) return std::nullopt;
    text = *std::move(unpacked);
  }
  simdjson::dom::parser parser;
  simdjson::dom::object object;
  if (parser.parse(text).get(object) != simdjson::SUCCESS) return std::nullopt;
  std::replace(text.begin(), text.end(), '\n', ' ');  // whitespace, in valid JSON
  std::string_view id;
  if (object["event_id"].get(id) == simdjson::SUCCESS) {
    std::string plain(id);
    std::erase(plain, '-');
    if (is_hex(plain, 32)) return Event{plain, std::move(text)};
    return std::nullopt;
  }
  Event event{id_of(item), {}};
  const std::string_view rest = std::string_view(text).substr(text.find('{') + 1);
  event.json = absl::StrCat(R"({"event_id":")", event.id, object.size() == 0 ? "\"" : "\",",
                            absl::string_view(rest.data(), rest.size()));
  return event;
}

std::string event_of(const Envelope& message, const std::string& id,
                     const EnvelopeBody::Options& options) {
  const std::string_view level = level_of(message.severity);
  std::string event = absl::StrCat(
      R"({"event_id":")", id, R"(","timestamp":)", message.timestamp,
      R"(,"platform":"native","level":")", absl::string_view(level.data(), level.size()),
      R"(","logger":)", message.logger, R"(,"server_name":)", message.hostname, R"(,"message":)",
      json_string(message.payload_text()), R"(,"tags":{"type":)", json_string(message.type), "}");
  if (!message.fields.empty()) {
    absl::StrAppend(&event, R"(,"extra":)",
                    absl::string_view(message.fields.data(), message.fields.size()));
  }
  if (is_hex(message.trace_id, 32) && is_hex(message.span_id, 16)) {
    absl::StrAppend(&event, R"(,"contexts":{"trace":{"trace_id":")", message.trace_id,
                    R"(","span_id":")", message.span_id, R"("}})");
  }
  if (!options.environment.empty()) {
    absl::StrAppend(&event, R"(,"environment":)", json_string(options.environment));
  }
  if (!options.release.empty()) {
    absl::StrAppend(&event, R"(,"release":)", json_string(options.release));
  }
  return event + "}";
}

/// The value of a time stamp that may be in a header: a number, as the message has it.
std::string store_timestamp(const JsonValue& epoch) {
  const std::string_view text = epoch.kind == JsonValue::Kind::kText ? epoch.text : epoch.json;
  const bool is_number = !text.empty() && text.size() <= 40 &&
                         text.find_first_not_of("0123456789.eE+-") == std::string_view::npos;
  if (is_number) return std::string(text);
  const timespec now = utc_now();
  return absl::StrFormat("%d.%03d", now.tv_sec, now.tv_nsec / 1'000'000);
}

}  // namespace

bool EnvelopeBody::add(const BodyItem& item, std::string& body) {
  const Envelope message(item.message);
  std::optional<Event> event;
  if (message.type == "sentry") event = event_in(message.payload_text(), item);
  if (!event) {
    event = Event{id_of(item), {}};
    event->json = event_of(message, event->id, options_);
  }
  if (event->json.size() > kMaxEventBytes) return false;
  absl::StrAppend(&body, R"({"event_id":")", event->id, R"(","sent_at":")", text_of(utc_now()),
                  "\"}\n", R"({"type":"event","length":)", event->json.size(), "}\n", event->json,
                  "\n");
  return true;
}

bool StoreBody::add(const BodyItem& item, std::string& body) {
  const Envelope message(item.message);
  auth_ = store_auth(dsn_, store_timestamp(read_json_value(message.epoch)));
  body += message.payload_text();
  return true;
}

bool StoreDatagramEncoder::encode(const DecodedMessage& message, Batch& batch) {
  const std::string head =
      store_auth(dsn_, store_timestamp(message.field("epoch_timestamp"))) + "\n\n";
  const std::string_view payload = message.payload_text();
  char* const begin = batch.reserve(head.size() + payload.size());
  char* const end = append_plain_text(append_plain_text(begin, head), payload);
  batch.commit(end, Batch::Origin::kUser);
  return true;
}

}  // namespace metlog
