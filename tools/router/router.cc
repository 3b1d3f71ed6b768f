#include "tools/router/router.h"

#include <algorithm>
#include <thread>

#include "tools/router/input/input.h"

namespace metlog {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// What one input hands over in one round; then the next input has its turn. A frame counts as one
// message at least, and is taken whole.
constexpr std::size_t kRoundFrames = 512;
constexpr std::uint64_t kRoundMessages = 8192;
// Of the worst lanes that the ledger names.
constexpr std::size_t kLanesNamed = 10;
// How long a batch that gathers behind a busy lane, or an input that is paused, may have to wait
// after the lane is ready again.
constexpr milliseconds kLaneWait{1};
// At the end nothing must have come for so long: what the peers have sent may still be on its way
// from the kernel to libzmq's thread and from there to us.
constexpr milliseconds kDrainQuiet{50};

}  // namespace

Router::Router(const Options& options)
    : message_limit_(options.message_limit),
      reader_(options.limits.message_bytes),
      decoder_(options.limits) {}

void Router::start() {
  for (const auto& output : outputs_) output->start();
}

bool Router::step(milliseconds longest_wait) {
  const bool paused = is_paused();
  const std::size_t received = read_inputs(paused);
  // Also while one output holds the inputs: the others need not wait for what they have.
  bool all_offered = true;
  for (const auto& output : outputs_) all_offered = output->end_round() && all_offered;
  if (received > 0) return true;
  const milliseconds wait = all_offered ? longest_wait : std::min(longest_wait, kLaneWait);
  if (paused) {
    std::this_thread::sleep_for(std::min(wait, kLaneWait));
  } else if (wait.count() > 0) {
    wait_for_input(inputs_, wait);
  }
  return false;
}

bool Router::is_paused() {
  const Clock::time_point now = Clock::now();
  bool paused = false;
  for (const auto& output : outputs_) paused = output->backpressures_inputs(now) || paused;
  return paused;
}

// Senders that ask whether somebody is here are answered even when all else has to wait: silence
// would make losses of what is only late.
std::size_t Router::read_inputs(bool paused) {
  std::size_t received = 0;
  for (const auto& input : inputs_) {
    if (!input->hands_on_frames()) {
      input->poll(*this, kRoundFrames);
      continue;
    }
    const std::uint64_t before = message_count();
    if (paused || before >= message_limit_) continue;
    round_end_ = before + std::min(kRoundMessages, message_limit_ - before);
    const std::uint64_t most = std::min<std::uint64_t>(kRoundFrames, round_end_ - before);
    received += input->poll(*this, most);
    paused = is_paused();
  }
  return received;
}

bool Router::take(const Frame& frame) {
  ++frame_count_;
  bool more = true;
  reader_.read(frame, [this, &more](const MessageBytes& bytes) { more = route(bytes) && more; });
  return more && message_count() < round_end_;
}

bool Router::route(const MessageBytes& bytes) {
  if (const std::optional<RejectReason> reason = decoder_.decode(bytes, message_)) {
    ++rejected_[static_cast<std::size_t>(*reason)];
    return true;
  }
  ++accepted_;
  if (message_.is_engine_message()) ++engine_messages_;
  table_.add(message_.type, message_.logger, message_.severity);
  bool more = true;
  for (const auto& output : outputs_) more = output->take(message_) && more;
  return more;
}

void Router::drain_inputs(Clock::time_point until) {
  Clock::time_point last_frame = Clock::now();
  for (Clock::time_point now = last_frame; now < until; now = Clock::now()) {
    const bool paused = is_paused();
    if (read_inputs(paused) > 0) {
      last_frame = now;
    } else if (paused) {
      std::this_thread::sleep_for(kLaneWait);
    } else if (now - last_frame >= kDrainQuiet || message_count() >= message_limit_) {
      return;
    } else {
      wait_for_input(inputs_, kLaneWait);
    }
  }
}

void Router::close(std::chrono::nanoseconds limit) {
  const Clock::time_point end = Clock::now() + limit;
  drain_inputs(Clock::now() + limit / 2);
  for (const auto& output : outputs_) {
    output->close(std::max(end - Clock::now(), std::chrono::nanoseconds(0)));
  }
}

RouterLedger Router::ledger() const {
  RouterLedger ledger;
  for (const auto& input : inputs_) ledger.inputs.push_back({input->endpoint(), input->counts()});
  ledger.frames = reader_.counts();
  ledger.sequence = reader_.sequences().counts();
  ledger.worst_lanes = reader_.sequences().worst(kLanesNamed);
  ledger.accepted = accepted_;
  ledger.engine_messages = engine_messages_;
  ledger.rejected = rejected_;
  for (const auto& output : outputs_) ledger.outputs.push_back(output->ledger());
  return ledger;
}

}  // namespace metlog
