#include "tools/metlog/tail_printer.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <numeric>

#include "tools/console/escape_for_terminal.h"
#include "tools/console/report.h"
#include "tools/console/terminal.h"
#include "tools/metlog/message_line.h"

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
      reader_(kLongestMessage),
      decoder_({.message_bytes = kLongestMessage, .depth = 1024}) {}

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
  text_ += is_terminal_ ? printable(message.raw) : message.raw;
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
  char separator = ':';
  for (std::size_t i = 0; i < kRejectReasonCount; ++i) {
    if (rejected_[i] == 0) continue;
    text += fmt::format("{} {} {}", separator, name_of(static_cast<RejectReason>(i)),
                        grouped(rejected_[i]));
    separator = ',';
  }
  return text;
}

}  // namespace metlog
