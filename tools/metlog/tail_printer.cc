#include "tools/metlog/tail_printer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <iterator>
#include <numeric>
#include <string_view>

#include "tools/console/escape_for_terminal.h"
#include "tools/console/loss_text.h"
#include "tools/console/report.h"
#include "tools/console/severity_names.h"
#include "tools/console/terminal.h"
#include "tools/router/decode/value_scan.h"

namespace metlog {
namespace {

constexpr std::size_t kWriteBytes = 64 * 1024;

bool uses_colours(TailOptions::Colour colour) {
  if (colour == TailOptions::Colour::kAuto) return wants_colours(stdout);
  return colour == TailOptions::Colour::kAlways;
}

}  // namespace

TailPrinter::TailPrinter(const TailOptions& options)
    : matcher_(options.match),
      json_(options.json),
      colours_(uses_colours(options.colour)),
      is_terminal_(isatty(STDOUT_FILENO) != 0),
      reader_(kMaxMessage),
      decoder_({.message_bytes = kMaxMessage, .depth = 1024}) {}

bool TailPrinter::take(const Frame& frame) {
  reader_.read(frame, [this](const MessageBytes& bytes) { take_message(bytes); });
  return output_.error() == 0;
}

void TailPrinter::take_message(const MessageBytes& bytes) {
  if (const std::optional<RejectReason> reason = decoder_.decode(bytes, message_)) {
    ++rejected_[static_cast<std::size_t>(*reason)];
  } else if (matcher_.matches(message_)) {
    append(message_);
  }
  if (text_.size() >= kWriteBytes) flush();
}

void TailPrinter::append(const DecodedMessage& message) {
  if (!json_) return append_message_line(text_, message, colours_);
  // JSON lets characters through that a terminal obeys.
  const std::size_t begin = text_.size();
  text_ += is_terminal_ ? escape_for_terminal(message.raw) : message.raw;
  // In valid JSON a line break is a blank, and a line shall be a message.
  std::replace_if(
      text_.begin() + static_cast<std::ptrdiff_t>(begin), text_.end(),
      [](char c) { return c == '\n' || c == '\r'; }, ' ');
  text_ += '\n';
}

void TailPrinter::flush() {
  output_.write(text_);
  text_.clear();
}

std::string TailPrinter::rejections() const {
  const auto total = std::accumulate(rejected_.begin(), rejected_.end(), std::uint64_t{0});
  const std::uint64_t damaged = reader_.counts().damaged_total();
  std::string text;
  if (damaged != 0) {
    text = fmt::format("{} batched {} damaged{}", grouped(damaged),
                       damaged == 1 ? "frame was" : "frames were", total == 0 ? "" : ", ");
  }
  if (total == 0) return text;
  text += fmt::format("{} {}", grouped(total), total == 1 ? "was no message" : "were no messages");
  return text + ": " + counts_text<RejectReason>(rejected_);
}

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
  if (payload.kind == JsonValue::Kind::kText) return escape_for_terminal(payload.text);
  return escape_for_terminal(json_member(message.raw, "payload"));
}

}  // namespace

void append_message_line(std::string& out, const DecodedMessage& message, bool colours) {
  Pen pen(out, colours);
  pen.write(escape_for_terminal(message.timestamp), kDim);
  const std::string severity = severity_text(message.severity);
  pen.write(fmt::format(" {:<{}} ", severity, kSeverityWidth), severity_colour(message.severity));
  pen.write(message.logger.empty() ? "-" : escape_for_terminal(message.logger));
  pen.write(fmt::format(" {}", escape_for_terminal(message.type)));
  const std::string payload = payload_text(message);
  if (!payload.empty()) pen.write(fmt::format(" {}", payload), severity_colour(message.severity));
  JsonMembers fields(json_member(message.raw, "fields"));
  JsonMember field;
  while (fields.next(field)) {
    pen.write(fmt::format(" {}=", escape_for_terminal(field.key)), kDim);
    pen.write(escape_for_terminal(field.value));
  }
  out += '\n';
}

namespace {

constexpr std::string_view kBlanks = " \t\r\n";

/// The length of the string that the text begins with, its quotes counted.
std::size_t string_length(std::string_view text) {
  std::size_t at = 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

std::size_t value_length(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] == '"') return string_length(text);
  const std::size_t end = end_of_first_value(text);
  return std::min(end == std::string_view::npos ? text.find_first_of(",}] \t\r\n") : end,
                  text.size());
}

}  // namespace

void JsonMembers::skip(std::string_view also) {
  while (!rest_.empty() && (kBlanks.find(rest_[0]) != std::string_view::npos ||
                            also.find(rest_[0]) != std::string_view::npos)) {
    rest_.remove_prefix(1);
  }
}

std::string_view JsonMembers::take(std::size_t size) {
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(taken.size());
  return taken;
}

bool JsonMembers::next(JsonMember& member) {
  skip(",");
  if (rest_.empty() || rest_[0] != '"') return false;
  const std::string_view quoted = take(string_length(rest_));
  member.key = quoted.substr(1, std::max<std::size_t>(quoted.size(), 2) - 2);
  skip(":");
  member.value = take(value_length(rest_));
  return true;
}

std::string_view json_member(std::string_view object, std::string_view key) {
  JsonMembers members(object);
  JsonMember member;
  while (members.next(member)) {
    if (member.key == key) return member.value;
  }
  return {};
}

}  // namespace metlog
