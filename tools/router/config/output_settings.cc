#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "tools/router/config/router_plan.h"
#include "tools/router/match/match_error.h"
#include "tools/router/match/message_matcher.h"

namespace metlog {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

/// The compiled `message_matcher`; null when there is none, which passes all.
std::shared_ptr<const MessageMatcher> read_matcher(Settings& settings) {
  constexpr std::string_view kKey = "message_matcher";
  if (!settings.has(kKey)) return nullptr;
  absl::StatusOr<MessageMatcher> matcher = MessageMatcher::compile(settings.text(kKey, "TRUE"));
  if (!matcher.ok()) {
    const std::optional<MatchErrorParts> parts = match_error_parts(matcher.status());
    const std::string message(matcher.status().message());
    settings.refuse_at(kKey, parts ? parts->begin : 0,
                       settings.is_from_file() && parts ? std::string(parts->what) : message);
    return nullptr;
  }
  for (const std::string& note : matcher->notes()) settings.note(kKey, note);
  return std::make_shared<const MessageMatcher>(*std::move(matcher));
}

}  // namespace

DeadLetterFile::Options read_dead_letters(Settings& settings) {
  DeadLetterFile::Options file;
  file.path = settings.text("dead_letter_file");
  file.max_bytes =
      settings.bytes("dead_letter_bytes", {4096, std::size_t{1} << 40, 64 * 1024 * 1024});
  if (settings.has("dead_letter_bytes") && file.path.empty()) {
    settings.refuse("dead_letter_bytes", "has no effect without dead_letter_file");
  }
  return file;
}

Output::Options read_output_options(Settings& settings, const RouterPlan::Process& process) {
  Output::Options options;
  options.match.expression = read_matcher(settings);
  options.on_full = settings.one_of(
      "on_full",
      {{"drop", OnFull::kDrop}, {"drop_oldest", OnFull::kDropOldest}, {"block", OnFull::kWait}},
      OnFull::kDrop);
  if (settings.has("block_limit") && options.on_full != OnFull::kWait) {
    settings.refuse("block_limit",
                    "has no effect without on_full = \"block\"; add that, or remove it");
  }
  options.backpressure_limit =
      settings.has("block_limit")
          ? settings.duration("block_limit", {milliseconds(1), hours(24 * 365), seconds(30)})
          : std::chrono::nanoseconds::max();
  options.dead_letters = read_dead_letters(settings);
  options.queue_bytes = settings.bytes("queue", {kMinQueue, kMaxQueue, process.queue_bytes});
  return options;
}

}  // namespace metlog
