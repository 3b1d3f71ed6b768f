#include "metlog/internal/recovery/recovery.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/base/url.h"
#include "metlog/internal/flush/destination_url.h"
#include "metlog/internal/recovery/dead_session.h"
#include "metlog/internal/recovery/lane.h"
#include "metlog/internal/recovery/ring_drain.h"
#include "metlog/make_sender.h"

namespace metlog {

using std::chrono::steady_clock;

/// The recovery of one session.
class Recovery::Run {
 public:
  Run(Recovery& recovery, std::unique_ptr<DeadSession> session, bool only_counts)
      : recovery_(recovery),
        session_(std::move(session)),
        lanes_(*session_, recovery.options_.to, only_counts),
        drain_(*session_, lanes_) {
    report_.session = session_->name();
    report_.app = session_->app();
    report_.pid = session_->header().pid;
    report_.complaints = session_->complaints();
    report_.damage = session_->damage();
    const CrashSlot& crash = session_->header().crash;
    // relaxed: the process is dead
    if (crash.state.load(Order::kRelaxed) == CrashSlot::kWhole) report_.signal = crash.signal;
  }

  /// Reads all that is left, and puts it into new batches.
  void collect() {
    for (const BatchImage& batch : session_->batches()) lanes_.of(batch.stream).take(batch);
    lanes_.store_taken();
    for (const auto& [stream, lane] : lanes_.all()) report_.from_batches += lane->user_count();
    drain_.take_all();
    report_.from_rings = drain_.taken();
    report_.undecodable = drain_.undecodable();
    if (drain_.lacks_clients()) {
      report_.complaints.push_back(
          absl::StrCat(report_.session,
                       " does not say where its messages go; name a destination for all of them "
                       "(metlog recover --to URL, or --out FILE)"));
    }
    for (const RingImage& ring : session_->rings()) {
      report_.damaged_cells += ring.damaged_cells();
      report_.refused += ring.refused();
    }
  }

  void deliver() {
    if (!session_->is_reported()) {
      drain_.report_death({report_.app, report_.signal, report_.found()});
    }
    store();
    send_all();
    // What could not be read stays for a person, or for a later version.
    const bool has_unreadable = !session_->complaints().empty() || report_.undecodable != 0;
    if (report_.left == 0 && !has_unreadable && !should_stop()) remove();
  }

  void remove() {
    session_->remove();
    report_.is_removed = true;
  }

  [[nodiscard]] const RecoveryReport& report() const { return report_; }

 private:
  /// Once everything is in new batches, it is gone from where it was.
  void store() {
    for (const auto& [stream, lane] : lanes_.all()) is_stored_ &= lane->is_stored();
    // Without room for files it stays where it was: sent again, with the same numbers, if this
    // process dies.
    if (!is_stored_) return;
    for (const RingImage& ring : session_->rings()) {
      if (!drain_.is_undecodable(ring.index())) session_->set_drained(ring);
    }
    session_->set_reported();
    for (const BatchImage& batch : session_->batches()) session_->remove_batch(batch.name);
  }

  void send_all() {
    for (const auto& [stream, lane] : lanes_.all()) {
      if (lane->count() == 0) continue;
      absl::StatusOr<std::unique_ptr<Sender>> sender = sender_for(lane->url());
      if (sender.ok()) {
        senders_[stream] = *std::move(sender);
      } else {
        report_.complaints.emplace_back(sender.status().message());
        is_stuck_ = true;
      }
    }
    // What is not in files would be sent again by the next pass, for the sake of another lane.
    const bool may_send = !is_stuck_ || is_stored_;
    for (const auto& [stream, lane] : lanes_.all()) {
      for (const auto& batch : lane->batches()) {
        if (may_send) send(*batch, senders_[stream].get(), lane->url());
        report_.left += left_in(*batch);
      }
    }
  }

  /// Makes the sender of one lane: what a sender keeps of a stream must not meet another's.
  absl::StatusOr<std::unique_ptr<Sender>> sender_for(const std::string& text) {
    if (text.empty()) {
      return absl::InvalidArgumentError(
          "the destination of a client is not known; name one for all sessions");
    }
    absl::StatusOr<Url> url = sender_url(text);
    if (!url.ok()) return url.status();
    if (!recovery_.opened_.insert(text).second) url->query.erase("truncate");
    return make_sender(*url);
  }

  /// Counts the messages of calls that wait in a batch.
  static std::uint64_t left_in(const Batch& batch) {
    std::uint64_t left = 0;
    const std::size_t first = std::min(batch.index(), batch.first_lost());
    for (std::size_t i = first; i < batch.count(); ++i) {
      if (batch.origin_at(i) == Batch::Origin::kUser) ++left;
    }
    return left;
  }

  /// What the kernel has is safe when it is written. What only the sender's library has is sent
  /// from a copy, and called sent once the sender is flushed. What a sender gives up stays, unless
  /// it is too long, which time does not mend.
  void send(Batch& stored, Sender* sender, const std::string& url) {
    if (sender == nullptr || recovery_.failed_.count(url) != 0 || should_stop()) return;
    const bool is_safe_at_once = sender->handover() == Handover::kKernel;
    std::optional<Batch> copy;
    if (!is_safe_at_once) copy.emplace(copy_of(stored));
    Batch& batch = copy.has_value() ? *copy : stored;
    offer(batch, *sender);
    const auto left = std::max<std::chrono::nanoseconds>(deadline_ - steady_clock::now(),
                                                         std::chrono::nanoseconds(0));
    const bool is_flushed = sender->flush(left);
    const std::uint64_t too_long = batch.lost()[LossReason::kTooLong];
    const bool is_lost_for_good = too_long != 0 && too_long == batch.lost().total();
    if (!is_flushed || !batch.is_done() || (batch.lost().total() != 0 && !is_lost_for_good)) {
      recovery_.failed_.insert(url);
    }
    if (copy.has_value() && is_flushed) {
      const std::size_t first = is_lost_for_good ? copy->count() : copy->first_lost();
      stored.take_messages(std::min(first, copy->index()));
    }
    report_.sent += batch.sent_count();
    if (is_lost_for_good) report_.lost += too_long;
  }

  void offer(Batch& batch, Sender& sender) const {
    SendResult result = SendResult::kBusy;
    while (!batch.is_done() && (result = sender.send(batch)) == SendResult::kBusy &&
           steady_clock::now() < deadline_ && !should_stop()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    while (result == SendResult::kHeld && steady_clock::now() < deadline_ && !should_stop()) {
      if (sender.take_settled() != nullptr) return;
      std::this_thread::sleep_for(
          std::min<std::chrono::nanoseconds>(sender.idle(), std::chrono::milliseconds(1)));
    }
    if (result == SendResult::kHeld && !batch.is_done()) sender.abandon();
  }

  [[nodiscard]] bool should_stop() const { return recovery_.options_.should_stop(); }

  static Batch copy_of(const Batch& stored) {
    Batch copy(stored.remaining_bytes().size() + 1, stored.stream);
    copy.begin(stored.number, stored.sequence());
    for (std::size_t i = stored.index(); i < stored.count(); ++i) {
      const std::string_view text = stored.message_at(i);
      char* const out = copy.reserve(text.size());
      std::memcpy(out, text.data(), text.size());
      copy.commit(out + text.size(), stored.origin_at(i));
    }
    return copy;
  }

  Recovery& recovery_;
  const std::unique_ptr<DeadSession> session_;
  Lanes lanes_;
  RingDrain drain_;
  std::map<std::uint32_t, std::unique_ptr<Sender>> senders_;  // by stream
  const steady_clock::time_point deadline_ = steady_clock::now() + recovery_.options_.limit;
  bool is_stored_ = true;  // all batches are in files
  bool is_stuck_ = false;  // a destination cannot be opened
  RecoveryReport report_;
};

absl::StatusOr<std::unique_ptr<Recovery>> Recovery::open(const std::string& directory,
                                                         Options options) {
  const std::string path =
      directory.empty() ? absl::StrCat("/dev/shm/metlog-", ::geteuid()) : directory;
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.is_open()) {
    return errno_status(errno, absl::StrCat("cannot open '", path, "'"),
                        "name the directory of sessions that the programs used");
  }
  struct stat status {};
  if (::fstat(fd.get(), &status) != 0 || status.st_uid != ::geteuid() ||
      (status.st_mode & 022) != 0) {
    return absl::PermissionDeniedError(absl::StrCat(
        "'", path, "' belongs to another user, or others may write there; run as its owner"));
  }
  return std::unique_ptr<Recovery>(new Recovery(std::move(fd), std::move(options)));
}

std::vector<std::string> Recovery::sessions() const {
  std::vector<std::pair<std::int64_t, std::string>> found;
  const int listing_fd = ::dup(parent_fd_.get());
  DIR* const listing = listing_fd >= 0 ? ::fdopendir(listing_fd) : nullptr;
  if (listing == nullptr) return {};
  ::rewinddir(listing);
  while (const dirent* const entry = ::readdir(listing)) {
    const std::string name = entry->d_name;
    if (name.starts_with(".new.")) DeadSession::remove_unborn(parent_fd_.get(), name);
    struct stat status {};
    if (name[0] == '.') continue;
    const std::string file = name + "/session";
    if (::fstatat(parent_fd_.get(), file.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
      // Who removed a session died before the last step; nothing happens unless it is empty.
      if (errno == ENOENT) ::unlinkat(parent_fd_.get(), name.c_str(), AT_REMOVEDIR);
      continue;
    }
    found.emplace_back(status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec, name);
  }
  ::closedir(listing);
  std::sort(found.begin(), found.end());
  std::vector<std::string> names;
  names.reserve(found.size());
  for (auto& [time, name] : found) names.push_back(std::move(name));
  return names;
}

/// Opens a session that holds something. One that holds nothing is removed.
absl::StatusOr<std::unique_ptr<DeadSession>> Recovery::open_session(const std::string& name) const {
  absl::StatusOr<std::unique_ptr<DeadSession>> dead = DeadSession::open(parent_fd_.get(), name);
  if (!dead.ok() || !(*dead)->holds_nothing()) return dead;
  (*dead)->remove();
  return absl::NotFoundError(absl::StrCat(name, " held nothing"));
}

absl::StatusOr<RecoveryReport> Recovery::recover(const std::string& session) {
  absl::StatusOr<std::unique_ptr<DeadSession>> dead = open_session(session);
  if (!dead.ok()) return dead.status();
  Run run(*this, *std::move(dead), false);
  run.collect();
  run.deliver();
  return run.report();
}

absl::StatusOr<RecoveryReport> Recovery::purge(const std::string& session) {
  absl::StatusOr<std::unique_ptr<DeadSession>> dead = open_session(session);
  if (!dead.ok()) return dead.status();
  Run run(*this, *std::move(dead), true);
  run.collect();
  run.remove();
  RecoveryReport report = run.report();
  report.lost = report.found();
  return report;
}

std::vector<RecoveryReport> Recovery::recover_all() {
  std::vector<RecoveryReport> reports;
  failed_.clear();
  for (const std::string& session : sessions()) {
    if (options_.should_stop()) break;
    absl::StatusOr<RecoveryReport> report = recover(session);
    if (report.ok()) {
      reports.push_back(*std::move(report));
    } else if (!absl::IsFailedPrecondition(report.status()) && !absl::IsNotFound(report.status())) {
      // One that lives, or that is gone, is no fault.
      reports.emplace_back();
      reports.back().session = session;
      reports.back().complaints.emplace_back(report.status().message());
    }
  }
  return reports;
}

}  // namespace metlog
