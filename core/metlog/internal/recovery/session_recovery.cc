#include "metlog/internal/recovery/session_recovery.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/url.h"
#include "metlog/internal/flush/destination_url.h"
#include "metlog/make_sender.h"

namespace metlog {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::steady_clock;

namespace {

Batch copy_of(const Batch& stored) {
  Batch copy(stored.remaining_bytes().size() + 1, stored.stream);
  copy.begin(stored.number, stored.sequence());
  for (std::size_t i = stored.index(); i < stored.count(); ++i) {
    const std::string_view text = stored.message_at(i);
    char* const out = copy.reserve(text.size());
    std::memcpy(out, text.data(), text.size());
    copy.commit(out + text.size(), stored.entry_at(i).origin);
  }
  return copy;
}

}  // namespace

SessionRecovery::SessionRecovery(RecoveryPass& pass, std::unique_ptr<DeadSession> session,
                                 bool drops_calls)
    : pass_(pass),
      session_(std::move(session)),
      accounts_(*session_),
      drops_calls_(drops_calls || is_purged()),
      lanes_(*session_, pass_.options.to, drops_calls_),
      drain_(*session_, accounts_, lanes_),
      deadline_(steady_clock::now() + pass_.options.limit) {
  report_.session = session_->name();
  report_.app = session_->app();
  report_.pid = session_->header().pid;
  report_.complaints = session_->complaints();
  report_.damage = session_->damage();
  const CrashSlot& crash = session_->header().crash;
  // relaxed: the process is dead
  if (crash.state.load(Order::kRelaxed) == CrashSlot::kWhole) report_.signal = crash.signal;
}

void SessionRecovery::collect() {
  for (const BatchImage& batch : session_->batches()) {
    if (!lanes_.of(batch.stream).take(batch)) settled_.insert(batch.name);
  }
  lanes_.store_taken();
  accounts_.take(lanes_);
  // A process died while it threw them away: they are counted already.
  if (is_purged()) return session_->remove_files(".ring");
  for (const auto& [stream, lane] : lanes_.all()) {
    report_.from_batches += lane->user_count() + lane->dropped_count();
  }
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
  std::uint64_t damaged = report_.damaged_cells;
  for (const BatchImage& batch : session_->batches()) damaged += batch.damaged;
  report_.clients = accounts_.close(lanes_, report_.undecodable, damaged);
}

void SessionRecovery::deliver() {
  if (!may_deliver_any()) {
    end_attempt();
    report_.left = report_.found();
    return;
  }
  drain_.report_losses();
  if (!session_->is_reported()) report_end();
  if (store()) session_->set_reported();
  end_attempt();
  send_all();
  // What could not be read stays for a person, or for a later version.
  const bool has_unreadable = !session_->complaints().empty() || report_.undecodable != 0;
  if (report_.left == 0 && !has_reports_ && !has_unreadable && !should_stop()) remove();
}

void SessionRecovery::remove() {
  session_->remove();
  report_.is_removed = true;
}

void SessionRecovery::throw_away() {
  const std::uint64_t count = report_.found() + report_.undecodable;
  report_.purged = count;
  if (is_purged() || count == 0) return remove();
  drain_.report_losses();
  // From here on whoever goes on throws away the rest, and counts nothing twice.
  session_->set_purged(count);
  session_->remove_files(".ring");
  end_attempt();
  // The rings' memory is free now. Without room even so, messages of the engine go, too.
  if (!store()) {
    remove_accounts();
    for (const BatchImage& batch : session_->batches()) session_->remove_batch(batch.name);
  }
}

void SessionRecovery::remove_accounts() {
  session_->remove_files(".counts");
  session_->remove_files("accounts");
}

/// Tells the streams of the death, or of what was thrown away after it.
void SessionRecovery::report_end() {
  if (is_purged()) {
    drain_.report_purge(report_.app, session_->purged());
  } else {
    drain_.report_death({report_.app, report_.signal, report_.found()});
  }
}

/// True when something is to be sent to a place that this process may use, and that has not failed.
bool SessionRecovery::may_deliver_any() const {
  const RecoveryOptions& options = pass_.options;
  if (!options.only_program.empty() && report_.app != options.only_program) return false;
  const auto may = [this](const std::string& url) {
    return pass_.failed.count(url) == 0 && may_send_to(url).ok();
  };
  bool is_empty = true;
  for (const auto& [stream, lane] : lanes_.all()) {
    if (lane->count() == 0) continue;
    if (may(lane->url())) return true;
    is_empty = false;
  }
  if (!is_empty) return false;
  // Its end is reported in its first stream.
  const SessionClient* const client = session_->clients().first();
  return client == nullptr || may(options.to.empty() ? client->url : options.to);
}

absl::Status SessionRecovery::may_send_to(const std::string& text) const {
  const absl::StatusOr<Url> url = sender_url(text);
  // What is wrong with it, sender_for() says.
  if (!pass_.options.to.empty() || !url.ok()) return absl::OkStatus();
  return pass_.options.rule.check(report_.app, *url);
}

/// Once everything is in new batches, it is gone from where it was. Without room for files it stays
/// there: sent again, with the same numbers, if this process dies.
bool SessionRecovery::store() {
  for (const auto& [stream, lane] : lanes_.all()) is_stored_ &= lane->is_stored();
  if (!is_stored_) return false;
  for (const RingImage& ring : session_->rings()) {
    if (!drain_.is_undecodable(ring.index())) session_->set_drained(ring);
  }
  // What nobody had reported is in batches now. The totals of those that go are in no other.
  if (drops_calls_) remove_accounts();
  for (const BatchImage& batch : session_->batches()) {
    const bool is_replaced = lanes_.of(batch.stream).count() != 0 || drops_calls_;
    const bool is_unused = batch.first_sequence + batch.messages.size() + batch.next_sequence == 0;
    if ((settled_.count(batch.name) == 0 && is_replaced) || (is_unused && drops_calls_)) {
      session_->remove_batch(batch.name);
    } else {
      // It has counts, numbers that were given, and what of a ring was sent, until the session
      // goes.
      session_->set_settled(batch.name, batch.messages.size());
    }
  }
  return true;
}

void SessionRecovery::send_all() {
  for (const auto& [stream, lane] : lanes_.all()) {
    if (lane->count() == 0) continue;
    is_stuck_ |= !may_send_to(lane->url()).ok();
    if (!may_send_to(lane->url()).ok()) continue;
    absl::StatusOr<std::unique_ptr<Sender>> sender = sender_for(lane->url());
    if (sender.ok()) {
      senders_[stream] = *std::move(sender);
    } else {
      const bool is_unknown = absl::IsInvalidArgument(sender.status());
      if (!is_unknown || !pass_.options.rule.may_be_unknown()) {
        report_.complaints.emplace_back(sender.status().message());
      }
      pass_.failed.insert(lane->url());
      is_stuck_ = true;
    }
  }
  // What is not in files would be sent again by the next pass, for the sake of another lane.
  const bool may_send = !is_stuck_ || is_stored_;
  for (const auto& [stream, lane] : lanes_.all()) {
    for (const auto& batch : lane->batches()) {
      if (may_send) send(*batch, senders_[stream].get(), lane->url());
      count_left(*lane, *batch);
    }
  }
}

/// A death alone is not worth the memory of a session whose destination takes nothing.
void SessionRecovery::count_left(const Lane& lane, const Batch& batch) {
  const std::uint64_t first_sequence = batch.sequence() - batch.index();
  for (std::size_t i = std::min(batch.index(), batch.first_lost()); i < batch.count(); ++i) {
    if (batch.entry_at(i).origin == Batch::Origin::kUser) {
      ++report_.left;
    } else {
      has_reports_ |= !lane.is_death(first_sequence + i);
    }
  }
}

/// Makes the sender of one lane: what a sender keeps of a stream must not meet another's.
absl::StatusOr<std::unique_ptr<Sender>> SessionRecovery::sender_for(const std::string& text) {
  if (text.empty()) {
    return absl::InvalidArgumentError(
        "the destination of a client is not known; name one for all sessions");
  }
  absl::StatusOr<Url> url = sender_url(text);
  if (!url.ok()) return url.status();
  if (pass_.options.to.empty()) drop_format(*url);  // it is in the session
  if (absl::Status status = take_ids(*url, false).status(); !status.ok()) return status;
  if (!pass_.opened.insert(text).second) url->query.erase("truncate");
  if (pass_.options.to.empty()) pass_.options.rule.keep_apart(report_.app, *url);
  return make_sender(*url);
}

/// What the kernel has is safe when it is written. What only the sender's library has is sent from
/// a copy, and called sent once the sender is flushed. What a sender gives up stays, unless it is
/// too long, which time does not mend.
void SessionRecovery::send(Batch& stored, Sender* sender, const std::string& url) {
  if (sender == nullptr || pass_.failed.count(url) != 0 || should_stop()) return;
  const bool is_safe_at_once = sender->handover() == Handover::kKernel;
  std::optional<Batch> copy;
  if (!is_safe_at_once) copy.emplace(copy_of(stored));
  Batch& batch = copy.has_value() ? *copy : stored;
  offer(batch, *sender);
  const bool is_flushed = flush(*sender);
  const std::uint64_t too_long = batch.lost()[LossReason::kTooLong];
  const bool is_lost_for_good = too_long != 0 && too_long == batch.lost().total();
  if (!is_flushed || !batch.is_done() || (batch.lost().total() != 0 && !is_lost_for_good)) {
    pass_.failed.insert(url);
  }
  if (copy.has_value() && is_flushed) {
    const std::size_t first = is_lost_for_good ? copy->count() : copy->first_lost();
    stored.take_messages(std::min(first, copy->index()));
  }
  report_.sent += batch.sent_count();
  if (is_lost_for_good) report_.lost += too_long;
}

void SessionRecovery::offer(Batch& batch, Sender& sender) const {
  constexpr nanoseconds kLongestNap = milliseconds(20);
  nanoseconds nap = milliseconds(1);
  const auto wait = [&] {
    std::this_thread::sleep_for(nap);
    nap = std::min(2 * nap, kLongestNap);
    return steady_clock::now() < deadline_ && !should_stop();
  };
  SendResult result = SendResult::kBusy;
  while (!batch.is_done()) {
    result = sender.send(batch);
    if (result != SendResult::kBusy || !wait()) break;
  }
  nap = milliseconds(1);
  while (result == SendResult::kHeld) {
    if (sender.take_settled() != nullptr) return;
    nap = std::min<nanoseconds>(nap, std::max<nanoseconds>(sender.idle(), milliseconds(1)));
    if (!wait()) break;
  }
  if (result == SendResult::kHeld && !batch.is_done()) sender.abandon();
}

/// In parts, so that a recovery can be stopped at any time.
bool SessionRecovery::flush(Sender& sender) const {
  constexpr nanoseconds kPart = milliseconds(20);
  while (true) {
    const nanoseconds left = deadline_ - steady_clock::now();
    if (sender.flush(std::clamp(left, nanoseconds(0), kPart))) return true;
    if (left <= nanoseconds(0) || should_stop()) return false;
  }
}

}  // namespace metlog
