#include "tools/metlog/message_line.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

#include "tools/console/escape_for_terminal.h"
#include "tools/console/severity_names.h"
#include "tools/metlog/json_members.h"

namespace metlog {
namespace {

constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kPlain = "\x1b[0m";

/// Writes pieces, in colour or without.
class Pen {
 public:
  Pen(std::string& out, bool colours) : out_(out), colours_(colours) {}

  void write(std::string_view text, std::string_view colour = "") {
    const bool coloured = colours_ && !colour.empty();
    if (coloured) out_ += colour;
    out_ += text;
    if (coloured) out_ += kPlain;
  }

 private:
  std::string& out_;
  const bool colours_;
};

std::string payload_text(const DecodedMessage& message) {
  const JsonValue payload = message.payload();
  if (payload.kind == JsonValue::Kind::kText) return printable(payload.text);
  return printable(json_member(message.raw, "payload"));
}

}  // namespace

void append_message_line(std::string& out, const DecodedMessage& message, bool colours) {
  Pen pen(out, colours);
  pen.write(printable(message.timestamp), kDim);
  const std::string severity = severity_text(message.severity);
  pen.write(fmt::format(" {:<{}} ", severity, kSeverityWidth), severity_colour(message.severity));
  pen.write(message.logger.empty() ? "-" : printable(message.logger));
  pen.write(fmt::format(" {}", printable(message.type)));
  const std::string payload = payload_text(message);
  if (!payload.empty()) pen.write(fmt::format(" {}", payload), severity_colour(message.severity));
  JsonMembers fields(json_member(message.raw, "fields"));
  JsonMember field;
  while (fields.next(field)) {
    pen.write(fmt::format(" {}=", printable(field.key)), kDim);
    pen.write(printable(field.value));
  }
  out += '\n';
}

}  // namespace metlog
