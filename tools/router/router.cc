#include "tools/router/router.h"

#include <algorithm>
#include <bit>
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
// How long a held input may wait after the queue has room again.
constexpr milliseconds kQueueWait{1};
// From one round with frames to the next. With the flusher's longest sleep of 5 ms a message is in
// its file within 10 ms.
constexpr SleepTime::Limits kRest = {std::chrono::microseconds(100), milliseconds(4),
                                     milliseconds(4)};
// After a silence of this length short rests come first: what comes next may be a burst.
constexpr milliseconds kSilence{50};
// close() waits until no frame has arrived for this long, and the inputs have passed on all that
// the kernel has received: what was sent may still be on its way.
constexpr milliseconds kDrainQuiet{50};

}  // namespace

Router::Router(const Options& options)
    : message_limit_(options.message_limit),
      reader_(options.limits.message_bytes),
      decoder_(options.limits),
      max_message_bytes_(options.limits.message_bytes),
      intake_(options.refused_input, options.tag_rules, reader_.sequences()),
      rest_time_(std::in_place, kRest) {}

void Router::add_output(std::unique_ptr<Output> output) {
  output->set_index(outputs_.size());
  outputs_.push_back(std::move(output));
  accepted_before_.push_back(intake_.accepted());
}

absl::Status Router::start() {
  for (const auto& output : outputs_) {
    if (absl::Status status = output->start(); !status.ok()) return status;
  }
  if (absl::Status status = intake_.start(); !status.ok()) return status;
  is_started_ = true;
  return absl::OkStatus();
}

absl::Status Router::exchange(Exchange parts, nanoseconds limit) {
  for (const auto& output : parts.outputs) {
    if (!is_started_) break;
    if (absl::Status status = output->start(); !status.ok()) return status;
  }
  hand_over();  // what old outputs have matched
  intake_.set_tag_rules(std::move(parts.tag_rules));
  const auto is_old = [](const auto& old, const auto& part) {
    return std::find(old.begin(), old.end(), part.get()) != old.end();
  };
  const Clock::time_point now = Clock::now();
  for (auto& input : inputs_) {
    if (is_old(parts.old_inputs, input)) retired_.add(std::move(input), now);
  }
  std::erase(inputs_, nullptr);
  quiet_fds_.clear();
  for (auto& input : parts.inputs) inputs_.push_back(std::move(input));

  std::vector<std::unique_ptr<Output>> before = std::exchange(outputs_, {});
  const std::vector<std::uint64_t> accepted_before = std::exchange(accepted_before_, {});
  std::uint64_t used_bits = 0;
  for (std::size_t i = 0; i < before.size(); ++i) {
    if (is_old(parts.old_outputs, before[i])) {
      retired_.add(std::move(before[i]), intake_.accepted() - accepted_before[i], limit);
      continue;
    }
    used_bits |= before[i]->bit();
    outputs_.push_back(std::move(before[i]));
    accepted_before_.push_back(accepted_before[i]);
  }
  // Old outputs are handed nothing any more, so their bits are free.
  for (auto& output : parts.outputs) {
    output->set_index(static_cast<std::size_t>(std::countr_one(used_bits)));
    used_bits |= output->bit();
    outputs_.push_back(std::move(output));
    accepted_before_.push_back(intake_.accepted());
  }
  return absl::OkStatus();
}

bool Router::step(milliseconds max_wait) {
  if (retired_.is_busy()) {
    retired_.end_outputs();
    max_wait = std::min(max_wait, kQueueWait);  // they are not waited for
  }
  const bool waits_for_output = is_paused();
  if (waits_for_output) {
    std::this_thread::sleep_for(std::min(max_wait, kQueueWait));
  } else if (!has_more_ && max_wait > nanoseconds(0)) {
    wait_and_rest(max_wait);
  }
  const Clock::time_point begun = Clock::now();
  const nanoseconds passed = begun - std::exchange(last_round_, begun);
  const std::size_t received = read_inputs(waits_for_output && is_paused());
  hand_over();
  for (const auto& output : outputs_) output->end_round();
  if (received != 0) intake_.end_round();
  if (received == 0) {
    goes_on_ = false;
    if (begun - last_frames_ >= kSilence) blocks_->trim();
    return false;
  }
  last_frames_ = begun;
  rest_ = rest_after(passed);
  goes_on_ = rest_ == nanoseconds(0);
  return true;
}

// The rest comes after the waiting: frames that come less often than the rest is long then take one
// wake-up each, and what comes in pieces is read once.
void Router::wait_and_rest(nanoseconds max_wait) {
  if (goes_on_) return;
  wait_for_input(inputs_, max_wait);
  const Clock::time_point now = Clock::now();
  if (now - last_frames_ >= kSilence) rest_time_.emplace(kRest);
  const nanoseconds rest = last_frames_ + std::min(rest_, max_wait) - now;
  // A datagram to an input that was quiet may be the first of many, for which it has no room.
  if (rest > nanoseconds(0)) wait_for_any(quiet_fds_, rest);
}

nanoseconds Router::rest_after(nanoseconds passed) {
  RoundLoad round;
  round.passed = passed;
  for (const auto& input : inputs_) round.fill = std::max(round.fill, input->fill());
  if (has_more_) round.fill = 1;
  nanoseconds rest = rest_time_->after(round);
  for (const auto& input : inputs_) rest = std::min(rest, input->longest_rest());
  return rest;
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
  quiet_fds_.clear();
  for (const auto& input : inputs_) {
    if (!input->delivers_frames()) {
      input->poll(*this, kRoundFrames);
      continue;
    }
    if (paused || message_count() >= message_limit_) continue;
    const std::size_t taken = read_input(*input);
    received += taken;
    if (taken == 0) quiet_fds_.push_back(input->poll_handle().fd);
    paused = is_paused();
  }
  if (!retired_.has_inputs()) return received;
  retired_.read(
      Clock::now(),
      [&](Input& input) {
        if (!input.delivers_frames()) return input.poll(*this, kRoundFrames);
        if (paused || message_count() >= message_limit_) return RetiredParts::kMustWait;
        const std::size_t taken = read_input(input);
        received += taken;
        return taken;
      },
      [this](Input& input) { finish(input); });
  return received;
}

void Router::finish(Input& input) {
  intake_.begin(input);
  input.finish(*this);
}

std::size_t Router::read_input(Input& input) {
  const std::uint64_t before = message_count();
  round_end_ = before + std::min(kRoundMessages, message_limit_ - before);
  intake_.begin(input);
  const std::uint64_t max_frames = std::min<std::uint64_t>(kRoundFrames, round_end_ - before);
  const std::size_t taken = input.poll(*this, max_frames);
  has_more_ |= taken >= max_frames || message_count() >= round_end_;
  return taken;
}

bool Router::take(const Frame& frame) {
  ++frame_count_;
  bool more = true;
  const FrameCounts& counts = reader_.counts();
  const std::uint64_t whole = counts.plain + counts.batched;
  reader_.read(frame, [this, &more](const MessageBytes& bytes) { more = route(bytes) && more; });
  if (counts.plain + counts.batched == whole) [[unlikely]]
    intake_.reject(reader_.last_damage(), frame);
  return more && message_count() < round_end_;
}

bool Router::route(const MessageBytes& bytes) {
  if (bytes.sent_bytes > max_message_bytes_) {  // the decoder's rule, before the copy
    intake_.reject(RejectReason::kTooLong, bytes);
    return true;
  }
  bool more = true;
  const std::size_t size = bytes.text.size();
  if (block_ == nullptr || !block_->has_room(size)) {
    if (block_ != nullptr) more = hand_over();
    block_ = blocks_->take(size);
    handed_over_ = 0;
  }
  MessageBlock& block = *block_;
  DecodedMessage& message = block.next();
  if (const std::optional<RejectReason> reason =
          decoder_.decode(block.put(bytes), message, block.memory())) {
    intake_.reject(*reason, bytes);
    block.drop();
    return more;
  }
  intake_.accept(message, reader_.is_plain());
  table_.add(message.type, message.logger, message.severity);
  std::uint64_t takers = 0;
  for (const auto& output : outputs_) takers |= output->match(message);
  if (takers != 0) {
    block.commit(takers);
  } else {
    block.drop();
  }
  return more;
}

/// Hands the new messages of the block to the outputs that take any. False when one of them wants
/// the inputs to be held.
bool Router::hand_over() {
  if (block_ == nullptr || block_->count() == handed_over_) return true;
  const BlockSlice slice{block_, std::exchange(handed_over_, block_->count()), block_->count()};
  bool more = true;
  for (const auto& output : outputs_) more = output->take(slice) && more;
  return more;
}

void Router::drain_inputs(Clock::time_point until) {
  for (Clock::time_point now = Clock::now(), last_frame = now; now < until; now = Clock::now()) {
    const bool paused = is_paused();
    const std::size_t received = read_inputs(paused);
    hand_over();
    for (const auto& output : outputs_) output->end_round();
    if (received > 0) {
      intake_.end_round();
      last_frame = now;
    } else if (paused) {
      std::this_thread::sleep_for(kQueueWait);
    } else if (message_count() >= message_limit_ ||
               (now - last_frame >= kDrainQuiet && are_dry(inputs_) && retired_.is_dry())) {
      return;
    } else {
      wait_for_input(inputs_, kQueueWait);
    }
  }
}

void Router::close(std::chrono::nanoseconds limit) {
  const Clock::time_point end = Clock::now() + limit;
  drain_inputs(Clock::now() + limit / 2);
  for (const auto& input : inputs_) finish(*input);
  retired_.end_inputs([this](Input& input) { finish(input); });
  hand_over();
  for (const auto& output : outputs_) output->end_round();
  const auto left = [end] { return std::max<nanoseconds>(end - Clock::now(), nanoseconds(0)); };
  intake_.begin_close();
  for (const auto& output : outputs_) output->begin_close(left());
  retired_.begin_close(left());
  for (const auto& output : outputs_) output->end_close();
  retired_.end_close();
  intake_.close(left());
}

bool Router::has_ended() const {
  return !retired_.is_busy() && std::all_of(outputs_.begin(), outputs_.end(),
                                            [](const auto& output) { return output->has_ended(); });
}

RouterLedger Router::ledger() const {
  RouterLedger ledger;
  for (const auto& input : inputs_) {
    ledger.inputs.push_back({input->endpoint(), input->counts(), false});
  }
  ledger.frames = reader_.counts();
  ledger.sequence = reader_.sequences().counts();
  ledger.worst_streams = reader_.sequences().worst(kStreamsNamed);
  intake_.add_to(ledger);
  ledger.reloads = reloads_;
  ledger.refused_reloads = refused_reloads_;
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    ledger.outputs.push_back(outputs_[i]->ledger());
    ledger.outputs.back().not_there = accepted_before_[i];
  }
  retired_.add_to(ledger, intake_.accepted());
  return ledger;
}

}  // namespace metlog
