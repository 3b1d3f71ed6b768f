#include "tools/router/transport/routed_file_sender.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/base/system_facts.h"
#include "metlog/internal/text/line_text.h"
#include "senders/file/gzip.h"
#include "tools/router/decode/timestamp_check.h"

namespace metlog {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

/// The paths of the messages that were encoded and not sent yet, in runs of one path each. The
/// encoder and the sender are used by one thread in turn.
class RoutedFileSender::Routing {
 public:
  /// The message with this sequence number, and those after it, have this path.
  void note(std::uint64_t sequence, const std::string& path) {
    if (runs_.empty() || runs_.back().path != path) runs_.push_back({sequence, path});
  }
  /// Forgets what precedes the message.
  void begin_at(std::uint64_t sequence) {
    while (runs_.size() > 1 && runs_[1].begin <= sequence) runs_.pop_front();
  }
  /// Calls visit(path, first, last) for each run of messages first to last - 1.
  template <typename Visit>
  void visit(std::uint64_t begin, std::uint64_t end, Visit visit) const {
    for (std::size_t i = 0; i < runs_.size() && begin < end; ++i) {
      const std::uint64_t run_end = i + 1 < runs_.size() ? runs_[i + 1].begin : end;
      if (run_end <= begin) continue;
      visit(runs_[i].path, begin, std::min(run_end, end));
      begin = run_end;
    }
  }

 private:
  struct Run {
    std::uint64_t begin;
    std::string path;
  };

  std::deque<Run> runs_;
};

namespace {

/// Encodes a message, and notes its path under its sequence number.
template <typename Routing>
class RoutedEncoder final : public MessageEncoder {
 public:
  RoutedEncoder(std::unique_ptr<MessageEncoder> encoder, std::shared_ptr<Routing> routing,
                const RoutedFileSender::Options& options)
      : encoder_(std::move(encoder)), routing_(std::move(routing)), options_(options) {}

  bool encode(const DecodedMessage& message, Batch& batch) override {
    const std::uint64_t sequence = batch.first_sequence + batch.count();
    if (!encoder_->encode(message, batch)) return false;
    const bool has_time = options_.path.has_time();
    const std::int64_t utc_ns = !has_time                ? 0
                                : options_.uses_own_time ? utc_now_ns()
                                                         : utc_ns_of_timestamp(message.timestamp);
    options_.path.write(message, utc_ns, options_.zone, path_);
    routing_->note(sequence, path_);
    return true;
  }

 private:
  const std::unique_ptr<MessageEncoder> encoder_;
  const std::shared_ptr<Routing> routing_;
  const RoutedFileSender::Options options_;
  std::string path_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Sender>> RoutedFileSender::open(Options options) {
  if (options.rotation.compresses) {
    if (absl::Status status = Gzip::check(); !status.ok()) return status;
  }
  auto root = FileRoot::open(options.path.root(), options.modes);
  if (!root.ok()) return root.status();
  std::unique_ptr<RoutedFileSender> sender(
      new RoutedFileSender(std::move(options), *std::move(root)));
  if (!sender->options_.path.is_constant()) return sender;
  std::string path;
  sender->options_.path.write({}, 0, TimeZone::kUtc, path);
  if (!sender->root_->open_file(path).is_open()) {
    const int error = errno;
    return errno_status(
        error, absl::StrCat("cannot open '", sender->url_.substr(7), "' to append"),
        error == ENOTSUP ? "name a regular file" : "name a file that can be written");
  }
  return sender;
}

RoutedFileSender::RoutedFileSender(Options options, std::shared_ptr<FileRoot> root)
    : options_(std::move(options)),
      url_("file://" + options_.path.text()),
      root_(std::move(root)),
      routing_(std::make_shared<Routing>()),
      outage_(options_.hold),
      dated_files_(options_.path, root_, options_.retention) {}

std::unique_ptr<MessageEncoder> RoutedFileSender::routed(std::unique_ptr<MessageEncoder> encoder) {
  if (options_.path.is_constant()) return encoder;
  return std::make_unique<RoutedEncoder<Routing>>(std::move(encoder), routing_, options_);
}

SendResult RoutedFileSender::send(Batch& batch) {
  const TimePoint now = Clock::now();
  if (batch.number != batch_) group(batch);
  const bool may_try = outage_.may_try(now);
  const std::size_t before = batch.remaining_bytes().size();
  bool is_busy = false;
  std::vector<const Group*> away;
  for (const Group& group : groups_) {
    const Result result = may_try ? write(group, batch, now) : Result::kAway;
    if (result == Result::kBusy) is_busy = true;
    if (result == Result::kAway) away.push_back(&group);
    if (result == Result::kRefused) lose(group, batch);
  }
  const std::size_t taken = before - batch.remaining_bytes().size();
  if (away.empty()) {
    if (!is_busy && may_try) outage_.note_taken(taken, now);
  } else if (may_try && outage_.holds(taken, now)) {
    is_busy = true;
  } else {
    for (const Group* const group : away) lose(*group, batch);
  }
  if (is_busy) return SendResult::kBusy;
  if (options_.retention.is_on()) remove_old(now);
  batch_ = 0;
  return SendResult::kSent;
}

/// Finds out which messages of the batch belong together.
void RoutedFileSender::group(const Batch& batch) {
  batch_ = batch.number;
  groups_.clear();
  if (options_.path.is_constant()) {
    std::string path;
    options_.path.write({}, 0, TimeZone::kUtc, path);
    groups_.push_back({path, {}});
    return;
  }
  std::unordered_map<std::string_view, std::size_t> known;
  routing_->begin_at(batch.first_sequence);
  routing_->visit(batch.first_sequence, batch.first_sequence + batch.count(),
                  [&](const std::string& path, std::uint64_t begin, std::uint64_t end) {
                    const auto [found, is_new] = known.try_emplace(path, groups_.size());
                    if (is_new) groups_.push_back({path, {}});
                    Group& group = groups_[found->second];
                    for (; begin < end; ++begin) {
                      group.messages.push_back(begin - batch.first_sequence);
                    }
                  });
}

/// Writes what is left of a group. Only a full disk is kAway.
RoutedFileSender::Result RoutedFileSender::write(const Group& group, Batch& batch, TimePoint now) {
  if (groups_.size() == 1) return write_lines(group.path, batch, now);
  std::vector<std::size_t> left;
  lines_.clear();
  for (const std::size_t index : group.messages) {
    if (batch.is_settled(index)) continue;
    left.push_back(index);
    const std::string_view text = batch.message_at(index);
    char* const at = lines_.reserve(text.size());
    std::memcpy(at, text.data(), text.size());
    lines_.commit(at + text.size(), batch.entry_at(index).origin);
  }
  if (left.empty()) return Result::kWritten;
  const Result result = write_lines(group.path, lines_, now);
  const std::size_t written = left.size() - lines_.remaining_count();
  for (std::size_t i = 0; i < written; ++i) batch.take_at(left[i]);
  return result;
}

RoutedFileSender::Result RoutedFileSender::write_lines(const std::string& path, Batch& lines,
                                                       TimePoint now) {
  FollowedFile& file = file_of(path);  // used last, so it is not the one that is closed
  Result result = file.write(lines, now);
  if (result == Result::kAway && (file.error() == EMFILE || file.error() == ENFILE) &&
      files_.size() > 1) {
    while (files_.size() > 1) close_oldest();
    result = file.write(lines, now);
  }
  const bool is_full = file.error() == ENOSPC || file.error() == EDQUOT;
  if (result == Result::kAway && !is_full) result = Result::kRefused;
  if (result == Result::kRefused) say_why(path, lines.remaining_count(), file.error());
  return result;
}

FollowedFile& RoutedFileSender::file_of(const std::string& path) {
  auto found = files_.find(path);
  if (found == files_.end()) {
    while (files_.size() >= options_.max_open) close_oldest();
    FilePlace place{.path = absl::StrCat(root_->path(), "/", path),
                    .open = [root = root_, path] { return root->open_file(path); },
                    .open_directory =
                        [root = root_, path] {
                          return FilePlace::Directory{root->open_folder_of(path),
                                                      path.substr(path.rfind('/') + 1)};
                        },
                    .rotation = options_.rotation,
                    .header = options_.header};
    has_new_path_ = true;
    found = files_.emplace(path, OpenFile{FollowedFile(std::move(place), UniqueFd()), 0}).first;
  }
  found->second.last_use = ++uses_;
  return found->second.file;
}

void RoutedFileSender::close_oldest() {
  files_.erase(std::min_element(files_.begin(), files_.end(), [](const auto& a, const auto& b) {
    return a.second.last_use < b.second.last_use;
  }));
}

void RoutedFileSender::remove_old(TimePoint now) {
  constexpr std::chrono::minutes kPause{1};
  constexpr std::chrono::hours kLongest{1};
  if (now < next_removal_ && !(has_new_path_ && now + kLongest - kPause >= next_removal_)) return;
  dated_files_.remove_old();
  has_new_path_ = false;
  next_removal_ = now + kLongest;
}

void RoutedFileSender::lose(const Group& group, Batch& batch) {
  if (group.messages.empty()) return batch.lose_rest(LossReason::kRefused);
  for (const std::size_t index : group.messages) {
    if (!batch.is_settled(index)) batch.lose_at(index, LossReason::kRefused);
  }
}

void RoutedFileSender::say_why(const std::string& path, std::size_t count, int error) const {
  static DiagnosticLimit limit;
  const char* const reason = strerrordesc_np(error);
  diagnose_seldom(limit, "cannot write '%s': %s; %zu messages are lost",
                  line_text(absl::StrCat(root_->path(), "/", path)).c_str(),
                  reason != nullptr ? reason : "unknown error", count);
}

std::chrono::nanoseconds RoutedFileSender::idle() {
  const TimePoint now = Clock::now();
  for (auto& [path, open] : files_) open.file.reopen_if_asked(now);
  return std::chrono::nanoseconds::max();
}

}  // namespace metlog
