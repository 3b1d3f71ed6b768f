#include "tools/router/output/delivery_log.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/system_facts.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/timestamp_text.h"

namespace metlog {
namespace {

// Written in one piece, which the file takes or not.
constexpr std::size_t kPieceBytes = 64 * 1024;

std::string utc_now() {
  char text[TimestampText::kBytes];
  char* const end = TimestampText().append(text, utc_now_ns());
  return {text, end};
}

/// The message in one line: in valid JSON a raw line break is whitespace.
void append_json_line(std::string& out, std::string_view json) {
  const std::size_t begin = out.size();
  out += json;
  const auto from = out.begin() + static_cast<std::ptrdiff_t>(begin);
  std::replace(from, out.end(), '\n', ' ');
  std::replace(from, out.end(), '\r', ' ');
}

}  // namespace

void DeliveryLog::explain(Explanation explanation) {
  if (!explanation.detail.empty()) note_error(explanation.detail);
  if (explanation.was_sent_unanswered) add(unanswered_, explanation.messages.size());
  if (file_.is_wanted()) explained_.push_back(std::move(explanation));
}

void DeliveryLog::note_error(std::string text) {
  const std::int64_t now = utc_now_ns();
  const std::lock_guard lock(error_mutex_);
  error_ = {std::move(text), now};
}

OutputError DeliveryLog::last_error() const {
  const std::lock_guard lock(error_mutex_);
  return error_;
}

void DeliveryLog::write_lost(const Batch& batch, bool is_json) {
  if (!file_.is_wanted() || batch.first_lost() == batch.count()) return;
  std::vector<const Explanation*> whys(batch.count());
  for (const Explanation& why : explained_) {
    if (why.batch != batch.number) continue;
    for (const std::uint32_t index : why.messages) whys[index] = &why;
  }
  for (std::size_t i = 0; i < batch.count(); ++i) {
    const Batch::Entry& entry = batch.entry_at(i);
    const bool is_lost = entry.result == Batch::Result::kLost;
    const bool is_undecided = whys[i] != nullptr && whys[i]->is_undecided;
    if ((!is_lost && !is_undecided) || entry.origin != Batch::Origin::kUser) continue;
    begin_line(is_lost ? entry.reason : LossReason::kRefused, whys[i]);
    if (is_json) {
      append_json_line(lines_ += R"(,"message":)", batch.message_at(i));
    } else {
      absl::StrAppend(&lines_, R"(,"text":")", json_text(batch.message_at(i)), "\"");
    }
    end_line(is_lost);
  }
  std::erase_if(explained_, [&](const Explanation& why) { return why.batch == batch.number; });
  flush();
}

void DeliveryLog::write_lost(const DecodedMessage& message, LossReason reason) {
  if (!file_.is_wanted()) return;
  begin_line(reason, nullptr);
  append_json_line(lines_ += R"(,"message":)", message.raw);
  end_line();
}

void DeliveryLog::begin_line(LossReason reason, const Explanation* why) {
  absl::StrAppend(&lines_, R"({"time":")", utc_now(), R"(","output":")", json_text(output_),
                  R"(","reason":")",
                  absl::string_view(name_of(reason).data(), name_of(reason).size()),
                  R"(","attempts":)", why != nullptr ? why->attempts : 0);
  if (why == nullptr) return;
  if (why->was_sent_unanswered) absl::StrAppend(&lines_, R"(,"unanswered":true)");
  if (why->is_undecided) absl::StrAppend(&lines_, R"(,"undecided":true)");
  if (!why->detail.empty()) {
    absl::StrAppend(&lines_, R"(,"detail":")", json_text(why->detail), "\"");
  }
}

void DeliveryLog::end_line(bool is_lost) {
  lines_ += "}\n";
  lost_count_ += is_lost ? 1 : 0;
  if (lines_.size() >= kPieceBytes) flush();
}

void DeliveryLog::flush() {
  if (lines_.empty()) return;
  const absl::Status status = file_.append(lines_);
  add(status.ok() ? dead_lettered_ : dead_letters_failed_, lost_count_);
  if (!status.ok()) diagnose_seldom(say_, "%s", std::string(status.message()).c_str());
  lines_.clear();
  lost_count_ = 0;
}

DeliveryCounts DeliveryLog::counts() const {
  // relaxed: figures
  const auto get = [](const Count& count) { return count.load(std::memory_order_relaxed); };
  return {get(in_flight_), get(retried_), get(unanswered_), get(dead_lettered_),
          get(dead_letters_failed_)};
}

}  // namespace metlog
