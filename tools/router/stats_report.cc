#include "tools/router/stats_report.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "tools/router/decode/timestamp_check.h"

namespace metlog {
namespace {

/// The count in a field; 0 if there is none, or none that counts something.
std::uint64_t count_in(const DecodedMessage& message, std::string_view key) {
  const JsonValue value = message.field(key);
  if (value.kind != JsonValue::Kind::kNumber || !(value.number >= 0)) return 0;
  if (!value.is_integer) {
    constexpr auto kMost = static_cast<double>(StatsReport::kMost);
    return value.number >= kMost ? StatsReport::kMost : static_cast<std::uint64_t>(value.number);
  }
  return std::min(static_cast<std::uint64_t>(value.integer), StatsReport::kMost);
}

bool flag_in(const DecodedMessage& message, std::string_view key) {
  const JsonValue value = message.field(key);
  return value.kind == JsonValue::Kind::kBool && value.number != 0;
}

std::string cut(std::string_view text) {
  return std::string(text.substr(0, StatsReport::kMaxTextBytes));
}

/// Takes the number at the beginning of the text and the character after it; false without.
bool take_number(std::string_view& text, std::uint64_t& number) {
  const char* const end = text.data() + text.size();
  const std::from_chars_result result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || number > StatsReport::kMost) return false;
  text.remove_prefix(static_cast<std::size_t>(result.ptr - text.data()));
  return true;
}

std::optional<StatsReport::Stream> read_stream(std::string_view text) {
  std::array<std::uint64_t, 4> numbers{};
  for (std::uint64_t& number : numbers) {
    if (&number != numbers.data()) {
      if (text.empty() || text.front() != ':') return std::nullopt;
      text.remove_prefix(1);
    }
    if (!take_number(text, number)) return std::nullopt;
  }
  const auto [stream, numbered, settled, lost] = numbers;
  if (!text.empty() || stream > UINT32_MAX || settled > numbered || lost > settled) {
    return std::nullopt;
  }
  return StatsReport::Stream{static_cast<std::uint32_t>(stream), numbered, settled, lost};
}

std::vector<StatsReport::Stream> read_streams(std::string_view text) {
  std::vector<StatsReport::Stream> streams;
  while (!text.empty() && streams.size() < StatsReport::kMaxStreams) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::optional<StatsReport::Stream> stream = read_stream(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!stream.has_value()) continue;
    const bool is_known = std::any_of(streams.begin(), streams.end(), [&](const auto& known) {
      return known.number == stream->number;
    });
    if (!is_known) streams.push_back(*stream);
  }
  return streams;
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::optional<std::array<std::uint8_t, 16>> read_session_id(std::string_view text) {
  std::array<std::uint8_t, 16> id{};
  if (text.size() != 2 * id.size()) return std::nullopt;
  for (std::size_t i = 0; i < id.size(); ++i) {
    const int high = digit_of(text[2 * i]);
    const int low = digit_of(text[2 * i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    id[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  return id;
}

std::optional<StatsReport> read_stats_report(const DecodedMessage& message) {
  const auto session = read_session_id(message.field("session").text);
  if (!session.has_value()) return std::nullopt;
  StatsReport report;
  report.session = *session;
  report.client = count_in(message, "client");
  report.program = cut(message.field("program").text);
  report.hostname = message.hostname.substr(0, StatsReport::kMaxHostnameBytes);
  report.logger = cut(message.logger);
  report.pid = message.pid;
  report.emitted = count_in(message, "emitted");
  report.sent = count_in(message, "sent");
  report.filtered = count_in(message, "filtered");
  report.pending = count_in(message, "pending");
  report.marks = count_in(message, "marks");
  report.bytes = count_in(message, "bytes");
  report.sampled_out = count_in(message, "sampled_out");
  report.lost = count_in(message, "lost");
  for (std::size_t i = 0; i < kLossReasonCount; ++i) {
    const std::string key = "lost_" + std::string(name_of(static_cast<LossReason>(i)));
    report.lost_by_reason.by_reason[i] = count_in(message, key);
  }
  const JsonValue unexplained = message.field("unexplained");
  if (unexplained.is_integer) report.unexplained = unexplained.integer;
  report.is_last = flag_in(message, "final");
  report.has_silent_clients = flag_in(message, "silent_clients");
  report.streams = read_streams(message.field("streams").text);
  if (message.field("open_us").kind == JsonValue::Kind::kNumber) {
    report.open_us = static_cast<std::int64_t>(count_in(message, "open_us"));
  }
  report.interval_us = static_cast<std::int64_t>(count_in(message, "interval_us"));
  report.utc_ns = utc_ns_of_timestamp(message.timestamp);
  return report;
}

}  // namespace metlog
