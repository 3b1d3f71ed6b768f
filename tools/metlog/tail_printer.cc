#include "tools/metlog/tail_printer.h"

#include <fmt/format.h>
#include <simdjson.h>
#include <unistd.h>

#include <cstdio>
#include <numeric>
#include <string_view>
#include <utility>

#include "metlog/internal/text/severity_names.h"
#include "tools/console/escape_for_terminal.h"
#include "tools/console/loss_text.h"
#include "tools/console/report.h"

namespace metlog {
namespace {

namespace ondemand = simdjson::ondemand;

static_assert(kFramePadding >= simdjson::SIMDJSON_PADDING);

constexpr std::size_t kWriteBytes = 64 * 1024;
constexpr std::string_view kDim = "\x1b[2m";
constexpr std::string_view kPlain = "\x1b[0m";

/// Appends pieces, in colour or without.
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

/// Calls `f(key, value)` for each member of a valid JSON object, both as the message has them: the
/// key with its escapes, a string value with its quotes. kFramePadding readable bytes follow it.
template <class F>
void each_member(ondemand::parser& parser, std::string_view json, F f) {
  ondemand::document document;
  ondemand::object object;
  if (json.empty() ||
      parser.iterate(json.data(), json.size(), json.size() + kFramePadding).get(document) ||
      document.get_object().get(object)) {
    return;
  }
  for (auto result : object) {
    ondemand::field member;
    std::string_view value;
    if (std::move(result).get(member)) return;
    const char* const key = member.key().raw();
    if (simdjson::to_json_string(member.value()).get(value)) return;
    // Between the key and its value are a quote, a colon and whitespace.
    const std::string_view before(key, static_cast<std::size_t>(value.data() - key));
    f(before.substr(0, before.rfind('"')), value);
  }
}

/// Valid JSON without line breaks: unchanged if it has none, else without any whitespace.
std::string on_one_line(std::string_view json) {
  std::string line(json);
  if (json.find_first_of("\n\r") == std::string_view::npos) return line;
  line.resize(json.size() + simdjson::SIMDJSON_PADDING);
  std::size_t size = 0;
  if (simdjson::minify(json.data(), json.size(), line.data(), size) != simdjson::SUCCESS) size = 0;
  line.resize(size);
  return line;
}

/// True for what looks like a line of plain text: a time stamp, then a space.
bool is_line_of_text(std::string_view text) {
  constexpr std::size_t kTimeBytes = 27;
  return text.size() > kTimeBytes && text[kTimeBytes] == ' ' && text[kTimeBytes - 1] == 'Z' &&
         text[10] == 'T';
}

}  // namespace

struct TailPrinter::Parser {
  ondemand::parser parser;
};

TailPrinter::TailPrinter(const TailOptions& options)
    : matcher_(options.match),
      json_(options.json),
      follows_(options.follows),
      colours_(uses_colours(options.colour)),
      is_terminal_(isatty(STDOUT_FILENO) != 0),
      reader_(kMaxMessage),
      decoder_({.message_bytes = kMaxMessage, .depth = 1024, .any_timestamp = true}),
      parser_(std::make_unique<Parser>()) {}

TailPrinter::~TailPrinter() = default;

bool TailPrinter::take(const Frame& frame) {
  reader_.read(frame, [this](const MessageBytes& bytes) { take_message(bytes); });
  return output_.error() == 0;
}

void TailPrinter::take_message(const MessageBytes& bytes) {
  if (const std::optional<RejectReason> reason = decoder_.decode(bytes, message_)) {
    ++rejected_[static_cast<std::size_t>(*reason)];
    if (follows_ && !std::exchange(has_told_, true)) tell_first(*reason, bytes.text);
  } else if (matcher_.matches(message_)) {
    if (json_) {
      append_json(message_);
    } else {
      append_text(message_);
    }
  }
  if (text_.size() >= kWriteBytes) flush();
}

/// Says at once what is left out: the counts come at the end only, which may be never.
void TailPrinter::tell_first(RejectReason reason, std::string_view text) {
  constexpr std::size_t kShown = 60;
  const bool is_cut = text.size() > kShown;
  report(fmt::format("what is no message is left out and counted; the first is {}: {}{}{}",
                     name_of(reason), escape_for_terminal(text.substr(0, kShown)),
                     is_cut ? ".." : "",
                     is_line_of_text(text) ? "; read plain text (format=text) with tail -f" : ""));
}

void TailPrinter::append_json(const DecodedMessage& message) {
  const std::string json = on_one_line(message.raw);
  // JSON may hold characters that a terminal interprets.
  text_ += is_terminal_ ? escape_for_terminal(json) : json;
  text_ += '\n';
}

void TailPrinter::append_text(const DecodedMessage& message) {
  std::string_view payload_json;
  std::string_view fields_json;
  each_member(parser_->parser, message.raw, [&](std::string_view key, std::string_view value) {
    if (key == "payload") payload_json = value;
    if (key == "fields") fields_json = value;
  });
  const JsonValue payload = message.payload();
  const bool is_text = payload.kind == JsonValue::Kind::kText;
  const std::string payload_text =
      escape_for_terminal(is_text ? payload.text : on_one_line(payload_json));
  const std::string_view colour = severity_colour(message.severity);
  Pen pen(text_, colours_);
  pen.write(escape_for_terminal(message.timestamp), kDim);
  pen.write(fmt::format(" {:<{}} ", severity_text(message.severity), kSeverityWidth), colour);
  pen.write(message.logger.empty() ? "-" : escape_for_terminal(message.logger));
  pen.write(fmt::format(" {}", escape_for_terminal(message.type)));
  if (!payload_text.empty()) pen.write(fmt::format(" {}", payload_text), colour);
  each_member(parser_->parser, fields_json, [&pen](std::string_view key, std::string_view value) {
    pen.write(fmt::format(" {}=", escape_for_terminal(key)), kDim);
    pen.write(escape_for_terminal(on_one_line(value)));
  });
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

}  // namespace metlog
