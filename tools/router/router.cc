#include "tools/router/router.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "tools/router/input/input.h"

namespace metlog {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

// Limits of one input's turn in a round. A frame counts as at least one message and is never split.
constexpr std::size_t kRoundFrames = 512;
constexpr std::uint64_t kRoundMessages = 8192;
// The number of streams that the ledger names, those with most missing messages.
constexpr std::size_t kStreamsNamed = 10;
// How long a batch or a paused input may wait after the queue has room again.
constexpr milliseconds kQueueWait{1};
// A rest after a round with frames. With the flusher's longest sleep of 5 ms a message is in its
// file within 10 ms.
constexpr SleepTime::Limits kRest = {std::chrono::microseconds(100), milliseconds(4),
                                     milliseconds(4)};
// close() waits until no frame has arrived for this long: sent frames may still be on their way
// from the kernel through libzmq's thread.
constexpr milliseconds kDrainQuiet{50};

}  // namespace

Router::Router(const Options& options)
    : message_limit_(options.message_limit),
      reader_(options.limits.message_bytes),
      decoder_(options.limits),
      rest_time_(kRest) {}

absl::Status Router::start() {
  for (const auto& output : outputs_) {
    if (absl::Status status = output->start(); !status.ok()) return status;
  }
  return absl::OkStatus();
}

bool Router::step(milliseconds max_wait) {
  const Clock::time_point begun = Clock::now();
  const nanoseconds passed = begun - std::exchange(last_round_, begun);
  const bool paused = is_paused();
  const std::size_t received = read_inputs(paused);
  // Also while one output pauses the inputs: the others send what they have.
  bool all_offered = true;
  for (const auto& output : outputs_) all_offered = output->end_round() && all_offered;
  const milliseconds wait = all_offered ? max_wait : std::min(max_wait, kQueueWait);
  if (received > 0) {
    rest(passed, wait);
    return true;
  }
  if (paused) {
    std::this_thread::sleep_for(std::min(wait, kQueueWait));
  } else if (wait.count() > 0) {
    wait_for_input(inputs_, wait);
  }
  return false;
}

void Router::rest(nanoseconds passed, nanoseconds max_wait) {
  RoundLoad round;
  round.passed = passed;
  for (const auto& input : inputs_) round.fill = std::max(round.fill, input->fill());
  if (has_more_) round.fill = 1;
  const nanoseconds rest = std::min(rest_time_.after(round), max_wait);
  if (rest > nanoseconds(0) && !has_more_) std::this_thread::sleep_for(rest);
}

bool Router::is_paused() {
  const Clock::time_point now = Clock::now();
  bool paused = false;
  for (const auto& output : outputs_) paused = output->backpressures_inputs(now) || paused;
  return paused;
}

// Handshakes are answered even while the inputs are paused: without an answer a sender would drop
// messages that would only have been late.
std::size_t Router::read_inputs(bool paused) {
  std::size_t received = 0;
  has_more_ = false;
  for (const auto& input : inputs_) {
    if (!input->delivers_frames()) {
      input->poll(*this, kRoundFrames);
      continue;
    }
    const std::uint64_t before = message_count();
    if (paused || before >= message_limit_) continue;
    round_end_ = before + std::min(kRoundMessages, message_limit_ - before);
    const std::uint64_t max_frames = std::min<std::uint64_t>(kRoundFrames, round_end_ - before);
    const std::size_t taken = input->poll(*this, max_frames);
    has_more_ |= taken >= max_frames || message_count() >= round_end_;
    received += taken;
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
  if (message_.is_loss_message()) client_losses_.note(message_);
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
      std::this_thread::sleep_for(kQueueWait);
    } else if (now - last_frame >= kDrainQuiet || message_count() >= message_limit_) {
      return;
    } else {
      wait_for_input(inputs_, kQueueWait);
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
  ledger.worst_streams = reader_.sequences().worst(kStreamsNamed);
  ledger.client_losses = client_losses_.counts();
  ledger.accepted = accepted_;
  ledger.engine_messages = engine_messages_;
  ledger.rejected = rejected_;
  for (const auto& output : outputs_) ledger.outputs.push_back(output->ledger());
  return ledger;
}

}  // namespace metlog
