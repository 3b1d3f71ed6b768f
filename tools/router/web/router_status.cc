#include "tools/router/web/router_status.h"

#include <algorithm>
#include <utility>

#include "metlog/internal/base/system_facts.h"

namespace metlog {
namespace {

using Clock = StatusBoard::Clock;

constexpr std::chrono::seconds kPointInterval{1};

}  // namespace

void StatusBoard::publish(std::shared_ptr<const RouterStatus> status, Clock::time_point now) {
  published_ = now;
  is_wanted_.store(false, std::memory_order_relaxed);  // relaxed: the mutex orders the status
  const std::lock_guard lock(mutex_);
  status_.swap(status);
  since_ = Clock::now();
  changed_.notify_all();
}

void StatusBoard::end() {
  const std::lock_guard lock(mutex_);
  has_ended_ = true;
  changed_.notify_all();
}

StatusBoard::View StatusBoard::look(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  const Clock::time_point asked = Clock::now();
  const auto is_fresh = [&] { return status_ != nullptr && since_ + kFresh >= asked; };
  if (!is_fresh() && !has_ended_) {
    is_wanted_.store(true, std::memory_order_relaxed);  // relaxed: see is_wanted()
    changed_.wait_for(lock, limit, [&] { return has_ended_ || is_fresh(); });
  }
  return {status_, is_fresh() && !has_ended_};
}

StatusKeeper::StatusKeeper(StatusBoard& board)
    : board_(board), started_utc_ns_(utc_now_ns()), last_point_(Clock::now()) {}

void StatusKeeper::tick(Clock::time_point now, Router& router) {
  const bool is_due = now - last_point_ >= kPointInterval;
  const bool is_wanted = board_.is_wanted(now);
  if (!is_due && !is_wanted) return;
  RouterLedger ledger = router.ledger();
  const std::int64_t utc_ns = utc_now_ns();
  losses_.look(ledger, utc_ns);
  if (is_due) add_point(now, ledger);
  if (!is_wanted) return;
  auto status = std::make_shared<RouterStatus>();
  status->utc_ns = utc_ns;
  status->started_utc_ns = started_utc_ns_;
  status->ledger = std::move(ledger);
  status->losses = losses_.rows();
  status->per_second = router.table().per_second();
  status->traffic = router.table().busiest(kTrafficRows);
  for (const auto& output : router.outputs()) {
    if (output->metrics() != nullptr) {
      status->metrics.push_back({output->name(), output->metrics()});
    }
  }
  status->history_end = history_end_;
  status->history.assign(history_.begin(), history_.end());
  board_.publish(std::move(status), now);
}

void StatusKeeper::add_point(Clock::time_point now, const RouterLedger& ledger) {
  const double seconds = std::chrono::duration<double>(now - last_point_).count();
  last_point_ = now;
  Totals totals{ledger.messages(), 0, ledger.rejected_total(), ledger.lost_total()};
  for (const OutputLedger& output : ledger.outputs) totals.written += output.written;
  const auto rate = [seconds](std::uint64_t total, std::uint64_t before) {
    return static_cast<double>(total - std::min(before, total)) / seconds;
  };
  history_.push_back({utc_now_ns(), rate(totals.received, before_.received),
                      rate(totals.written, before_.written),
                      rate(totals.rejected, before_.rejected), rate(totals.lost, before_.lost)});
  before_ = totals;
  ++history_end_;
  if (history_.size() > kHistoryPoints) history_.pop_front();
}

}  // namespace metlog
