#include "tools/router/refused_input.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/base/start_thread.h"
#include "metlog/internal/base/system_facts.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/timestamp_text.h"

namespace metlog {
namespace {

using Clock = std::chrono::steady_clock;

// Written in one piece, which the file takes or not.
constexpr std::size_t kPieceBytes = 64 * 1024;
// After a failure of the file nothing is tried for so long: a flood of refused input shall not
// become a flood of system calls.
constexpr std::chrono::seconds kPause{1};

absl::string_view view_of(std::string_view text) { return {text.data(), text.size()}; }

/// The text without a character at its end that was cut.
std::string_view without_cut_character(std::string_view text) {
  std::size_t size = text.size();
  const auto is_inner = [&](std::size_t at) {
    return (static_cast<unsigned char>(text[at]) & 0xC0U) == 0x80;
  };
  while (size > 0 && text.size() - size < 3 && is_inner(size - 1)) --size;
  if (size > 0 && static_cast<unsigned char>(text[size - 1]) >= 0xC0) --size;
  return text.substr(0, size);
}

/// A letter with copies of its texts.
struct Waiting {
  std::int64_t time_ns;
  std::string source;
  std::string peer;
  std::string reason;
  std::string bytes;
  std::size_t sent_bytes;

  void append_line(std::string& out) const {
    std::array<char, TimestampText::kBytes> time{};
    const char* const end = TimestampText().append(time.data(), time_ns);
    absl::StrAppend(&out, R"({"time":")",
                    absl::string_view(time.data(), static_cast<std::size_t>(end - time.data())),
                    R"(","input":")", json_text(source), R"(","reason":")", reason, R"(","bytes":)",
                    sent_bytes);
    if (!peer.empty()) absl::StrAppend(&out, R"(,"peer":")", json_text(peer), "\"");
    std::string_view kept = bytes;
    if (kept.size() < sent_bytes) {
      out += R"(,"cut":true)";
      const std::string_view whole = without_cut_character(kept);
      if (simdjson::validate_utf8(whole.data(), whole.size())) kept = whole;
    }
    if (simdjson::validate_utf8(kept.data(), kept.size())) {
      absl::StrAppend(&out, R"(,"text":")", json_text(kept), "\"}\n");
    } else {
      absl::StrAppend(&out, R"(,"base64":")", absl::Base64Escape(view_of(kept)), "\"}\n");
    }
  }
};

}  // namespace

struct RefusedInput::State {
  explicit State(DeadLetterFile::Options options) : file(std::move(options)) {}

  /// Writes what the router has noted so far; true when there was something.
  bool write() {
    std::vector<Waiting> letters;
    {
      const std::lock_guard lock(mutex);
      letters = std::exchange(waiting, {});
      waiting_bytes = 0;
      in_work = letters.size();
    }
    std::string lines;
    std::size_t count = 0;
    for (const Waiting& letter : letters) {
      letter.append_line(lines);
      ++count;
      if (lines.size() < kPieceBytes) continue;
      append(lines, std::exchange(count, 0));
      lines.clear();
    }
    if (count != 0) append(lines, count);
    return !letters.empty();
  }

  void append(const std::string& lines, std::size_t count) {
    const absl::Status status = file.append(lines);
    if (!status.ok()) diagnose_seldom(say, "%s", std::string(status.message()).c_str());
    const std::lock_guard lock(mutex);
    if (is_given_up) return;  // close() has counted them
    (status.ok() ? counts.kept : counts.not_kept) += count;
    in_work -= count;
    if (!status.ok()) rests_until = Clock::now() + kPause;
  }

  /// The thread's work.
  void run() {
    for (;;) {
      {
        std::unique_lock lock(mutex);
        changed.wait(lock, [this] { return has_ended || (is_announced && !waiting.empty()); });
        is_announced = false;
        if (waiting.empty()) break;
      }
      write();
    }
    const std::lock_guard lock(mutex);
    is_done = true;
    changed.notify_all();
  }

  // Of the thread that writes.
  const DeadLetterFile file;
  DiagnosticLimit say;

  std::mutex mutex;  // of the following
  std::condition_variable changed;
  std::vector<Waiting> waiting;
  std::size_t waiting_bytes = 0;
  std::size_t in_work = 0;
  Counts counts;
  Clock::time_point rests_until;
  bool is_announced = false;
  bool has_ended = false;
  bool is_done = false;
  bool is_given_up = false;
};

RefusedInput::RefusedInput(DeadLetterFile::Options file)
    : is_wanted_(!file.path.empty()), state_(std::make_shared<State>(std::move(file))) {}

RefusedInput::~RefusedInput() { close(std::chrono::seconds(0)); }

absl::Status RefusedInput::start() {
  if (!is_wanted_) return absl::OkStatus();
  return start_thread(thread_, "that of dead letters of input", [state = state_] { state->run(); });
}

void RefusedInput::note(const Letter& letter) {
  if (!is_wanted_) return;
  const std::string_view kept = letter.bytes.substr(0, kMaxKeptBytes);
  const std::lock_guard lock(state_->mutex);
  const bool has_room =
      state_->waiting_bytes == 0 || state_->waiting_bytes + kept.size() <= kMaxWaitingBytes;
  if (!has_room || Clock::now() < state_->rests_until) {
    ++state_->counts.not_kept;
    return;
  }
  // An empty letter has a size, too.
  state_->waiting_bytes += kept.size() + sizeof(Waiting);
  state_->waiting.push_back({utc_now_ns(), std::string(letter.source), std::string(letter.peer),
                             std::string(letter.reason), std::string(kept), letter.sent_bytes});
}

void RefusedInput::end_round() {
  if (!is_wanted_) return;
  if (!thread_.joinable()) {
    state_->write();
    return;
  }
  const std::lock_guard lock(state_->mutex);
  if (state_->waiting.empty()) return;
  state_->is_announced = true;
  state_->changed.notify_all();
}

void RefusedInput::begin_close() {
  const std::lock_guard lock(state_->mutex);
  state_->has_ended = true;
  state_->changed.notify_all();
}

void RefusedInput::close(std::chrono::nanoseconds limit) {
  begin_close();
  if (!thread_.joinable()) {
    state_->write();
    return;
  }
  std::unique_lock lock(state_->mutex);
  const bool is_done = state_->changed.wait_for(lock, limit, [this] { return state_->is_done; });
  if (!is_done) {
    state_->is_given_up = true;
    state_->counts.not_kept += state_->waiting.size() + state_->in_work;
    state_->waiting.clear();
  }
  lock.unlock();
  if (is_done) {
    thread_.join();
  } else {
    thread_.detach();
  }
}

RefusedInput::Counts RefusedInput::counts() const {
  const std::lock_guard lock(state_->mutex);
  return state_->counts;
}

}  // namespace metlog
