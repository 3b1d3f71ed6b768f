#include "tests/ring/model/batch_model.h"

#include <algorithm>
#include <deque>
#include <functional>
#include <utility>

namespace metlog {
namespace {

constexpr std::uint8_t kRecords = 4;
constexpr std::size_t kBatches = 2;
constexpr std::uint8_t kBatchMessages = 2;
constexpr int kRecoveryDeaths = 2;

/// The image and what dies with the process.
struct LiveState {
  ModelImage image;
  // The flusher: its record and the step of that, the batch it fills (kBatches for none), the next
  // number.
  std::uint8_t flush_pos = 0;
  std::uint8_t flush_step = 0;
  std::size_t filling = kBatches;
  std::uint8_t next_sequence = 0;
  // The hand-over, and the sender's batch.
  std::deque<std::size_t> offered;
  std::set<std::size_t> empty;
  std::size_t sending = kBatches;
  bool has_sent = false;  // the message at the cursor
  bool is_clearing = false;
  friend auto operator<=>(const LiveState&, const LiveState&) = default;
};

class Exploration {
 public:
  explicit Exploration(BatchFault fault) : fault_(fault) {}

  BatchExploration run() {
    LiveState start;
    start.image.batches.resize(kBatches);
    for (std::size_t i = 0; i < kBatches; ++i) start.empty.insert(i);
    visit(start);
    found_.states = live_.size();
    found_.images = dead_.size();
    return found_;
  }

 private:
  using Step = std::function<void(ModelImage&)>;

  [[nodiscard]] bool is(BatchFault fault) const { return fault_ == fault; }

  void visit(const LiveState& state) {
    if (!found_.violation.empty() || !live_.insert(state).second) return;
    recover(state.image, kRecoveryDeaths);
    constexpr bool (Exploration::*kSteps[])(LiveState&)
        const = {&Exploration::write, &Exploration::flush, &Exploration::send};
    for (const auto step : kSteps) {
      LiveState next = state;
      if ((this->*step)(next)) visit(next);
    }
  }

  /// A call: fills its cell, then publishes it, then returns.
  bool write(LiveState& state) const {
    ModelImage& image = state.image;
    const std::uint8_t pos = image.returned;
    const std::size_t cell = pos % ModelImage::kCells;
    if (pos == kRecords) return false;
    if (!image.is_half_written[cell]) {
      if (pos - image.read >= static_cast<int>(ModelImage::kCells)) return false;
      image.is_half_written[cell] = true;  // what it held is gone
      return true;
    }
    image.is_half_written[cell] = false;
    image.cells[cell] = static_cast<std::uint8_t>(pos + 1);
    ++image.returned;
    return true;
  }

  /// The flusher puts the record at drained_pos into a batch, in four steps.
  bool flush(LiveState& state) const {
    ModelImage& image = state.image;
    if (state.filling == kBatches) return begin(state);
    ModelImage::Batch& batch = image.batches[state.filling];
    const bool is_full = batch.count == kBatchMessages;
    if (state.flush_step == 0 && (is_full || image.returned == state.flush_pos)) {
      if (batch.count == 0) return false;
      state.next_sequence = static_cast<std::uint8_t>(batch.first_sequence + batch.count);
      state.offered.push_back(std::exchange(state.filling, kBatches));
      return true;
    }
    take_step(image, batch, state.flush_pos, state.flush_step);
    state.flush_step = static_cast<std::uint8_t>((state.flush_step + 1) % 4);
    if (state.flush_step == 0) ++state.flush_pos;
    return true;
  }
  void take_step(ModelImage& image, ModelImage::Batch& batch, std::uint8_t pos,
                 std::uint8_t step) const {
    enum What { kText, kCount, kDrained, kRead };
    std::array<What, 4> order{kText, kCount, kDrained, kRead};
    if (is(BatchFault::kDrainsBeforeItCounts)) order = {kText, kDrained, kCount, kRead};
    if (is(BatchFault::kCountsBeforeItWrites)) order = {kCount, kText, kDrained, kRead};
    if (is(BatchFault::kFreesBeforeItDrains)) order = {kRead, kText, kCount, kDrained};
    const auto after = static_cast<std::uint8_t>(pos + 1);
    const bool has_counted = is(BatchFault::kCountsBeforeItWrites);
    const std::size_t cell = pos % ModelImage::kCells;
    switch (order[step]) {
      case kText:
        batch.records[static_cast<std::size_t>(batch.count - (has_counted ? 1 : 0))] =
            image.is_half_written[cell] ? std::uint8_t{0} : image.cells[cell];
        return;
      case kCount:
        ++batch.count;
        return;
      case kDrained:
        image.drained = after;
        return;
      case kRead:
        image.read = after;
        return;
    }
  }
  bool begin(LiveState& state) const {
    if (state.empty.empty() || state.image.returned == state.flush_pos) return false;
    state.filling = *state.empty.begin();
    state.empty.erase(state.filling);
    ModelImage::Batch& batch = state.image.batches[state.filling];
    batch.exists = true;
    batch.first_sequence = batch.next_sequence = state.next_sequence;
    return true;
  }

  bool send(LiveState& state) const {
    if (state.sending == kBatches) {
      if (state.offered.empty()) return false;
      state.sending = state.offered.front();
      state.offered.pop_front();
      return true;
    }
    ModelImage::Batch& batch = state.image.batches[state.sending];
    if (batch.next < batch.count) {
      const bool moves = state.has_sent != is(BatchFault::kMovesCursorBeforeItSends);
      if (moves) {
        ++batch.next;
      } else {
        const std::size_t at =
            is(BatchFault::kMovesCursorBeforeItSends) ? batch.next - 1U : batch.next;
        put(state.image, batch, at);
      }
      state.has_sent = !state.has_sent;
      return true;
    }
    return clear(state, batch);
  }
  bool clear(LiveState& state, ModelImage::Batch& batch) const {
    if (is(BatchFault::kMovesCursorBeforeItSends) && state.has_sent) {
      put(state.image, batch, batch.next - 1U);
      state.has_sent = false;
      return true;
    }
    if (!state.is_clearing) {
      if (!is(BatchFault::kClearsWithoutNextSequence)) {
        batch.next_sequence = static_cast<std::uint8_t>(batch.first_sequence + batch.count);
      }
      state.is_clearing = true;
      return true;
    }
    batch.count = batch.next = 0;
    state.is_clearing = false;
    state.empty.insert(std::exchange(state.sending, kBatches));
    return true;
  }
  static void put(ModelImage& image, const ModelImage::Batch& batch, std::size_t at) {
    image.destination.insert(
        {batch.records[at], static_cast<std::uint8_t>(batch.first_sequence + at)});
  }

  /// Recovers an image step by step; after each one another recovery begins, and may die, too.
  void recover(const ModelImage& image, int deaths_left) {
    ModelImage now = image;
    std::erase_if(now.batches, [](const auto& batch) { return !batch.exists; });
    if (!found_.violation.empty() || !dead_.insert({now, deaths_left}).second) return;
    for (const Step& step : steps_for(now)) {
      step(now);
      if (deaths_left > 0) recover(now, deaths_left - 1);
    }
    check(now);
  }

  std::vector<Step> steps_for(const ModelImage& image) const {
    std::set<ModelMessage> open;
    std::set<std::uint8_t> settled;
    std::uint8_t next_sequence = 0;
    std::uint8_t last_record = 0;
    std::vector<std::size_t> old;
    for (std::size_t i = 0; i < image.batches.size(); ++i) {
      const ModelImage::Batch& batch = image.batches[i];
      if (!batch.exists) continue;
      old.push_back(i);
      for (std::uint8_t at = 0; at < batch.count; ++at) {
        const auto sequence = static_cast<std::uint8_t>(batch.first_sequence + at);
        last_record = std::max(last_record, batch.records[at]);
        if (at < batch.next) settled.insert(sequence);
        if (at >= batch.next) open.insert({batch.records[at], sequence});
        next_sequence = std::max(next_sequence, static_cast<std::uint8_t>(sequence + 1));
      }
      next_sequence = std::max(next_sequence, batch.next_sequence);
    }
    std::erase_if(open, [&](const auto& message) { return settled.count(message.sequence) != 0; });
    std::uint8_t end = image.drained;
    for (; end - image.drained < static_cast<int>(ModelImage::kCells); ++end) {
      const std::size_t cell = end % ModelImage::kCells;
      if (image.cells[cell] != end + 1) break;
      const bool is_in_batch = image.cells[cell] <= last_record;
      if (is_in_batch && !is(BatchFault::kRecoveryForgetsRecordIds)) continue;
      // What is being written over has no head of its lap any more only when that is stored.
      open.insert(
          {image.is_half_written[cell] ? std::uint8_t{0} : image.cells[cell], next_sequence++});
    }
    return in_order(open, old, end, image.batches.size(), next_sequence);
  }

  std::vector<Step> in_order(const std::set<ModelMessage>& open,
                             const std::vector<std::size_t>& old, std::uint8_t end,
                             std::size_t first_new, std::uint8_t next_sequence) const {
    std::vector<Step> store;
    std::size_t index = first_new;
    for (const ModelMessage& message : open) {  // a batch for each, as numbers may have gaps
      store.push_back([message](ModelImage& image) {
        ModelImage::Batch batch{true, 1, 0, message.sequence, message.sequence, {message.record}};
        image.batches.push_back(batch);
      });
      ++index;
    }
    store.push_back([next_sequence](ModelImage& image) {  // an empty one, for its number
      image.batches.push_back({true, 0, 0, next_sequence, next_sequence, {}});
    });
    const std::vector<Step> drain{[end](ModelImage& image) { image.drained = end; }};
    std::vector<Step> remove;
    for (const std::size_t i : old) {
      remove.push_back([i](ModelImage& image) { image.batches[i] = {}; });
    }
    std::vector<Step> deliver;
    for (std::size_t i = first_new; i < index; ++i) {
      deliver.push_back([i](ModelImage& image) { put(image, image.batches[i], 0); });
      deliver.push_back([i](ModelImage& image) { ++image.batches[i].next; });
    }
    std::vector<std::vector<Step>> parts{store, drain, remove, deliver};
    if (is(BatchFault::kRecoveryDrainsBeforeItStores)) parts = {drain, store, remove, deliver};
    if (is(BatchFault::kRecoveryRemovesBeforeItStores)) parts = {remove, store, drain, deliver};
    std::vector<Step> steps;
    for (const auto& part : parts) steps.insert(steps.end(), part.begin(), part.end());
    return steps;
  }

  void check(const ModelImage& image) {
    std::array<int, kRecords + 1> numbers{};  // that each record came under
    std::set<std::uint8_t> sequences;
    for (const ModelMessage& message : image.destination) {
      if (message.record == 0) return fail("a torn record was sent");
      if (++numbers[message.record] > 1) return fail("a record came under two numbers");
      if (!sequences.insert(message.sequence).second) return fail("two records have one number");
    }
    for (std::uint8_t record = 1; record <= image.returned; ++record) {
      if (numbers[record] == 0) return fail("a record is lost whose call had returned");
    }
  }
  void fail(const char* what) {
    if (found_.violation.empty()) found_.violation = what;
  }

  const BatchFault fault_;
  std::set<LiveState> live_;
  std::set<std::pair<ModelImage, int>> dead_;
  BatchExploration found_;
};

}  // namespace

BatchExploration explore_batches(BatchFault fault) { return Exploration(fault).run(); }

}  // namespace metlog
