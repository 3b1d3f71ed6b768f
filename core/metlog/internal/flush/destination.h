#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "metlog/internal/flush/send_queue.h"
#include "metlog/ledger.h"

namespace metlog {

/// Where a client's messages go: its lanes, and the batch that is being filled for each. Used by
/// the flusher's thread, under the flusher's mutex.
class Destination {
 public:
  explicit Destination(std::vector<std::unique_ptr<SendQueue>> lanes);

  /// Room for a message of at most `bytes` on the lane that this thread's messages take; null
  /// while all of the lane's batches are on their way.
  char* try_reserve(std::size_t lane_key, std::size_t bytes) {
    OpenLane& open = lane_of(lane_key);
    if (open.filling == nullptr || open.filling->is_full()) [[unlikely]] {
      if (!begin_batch(open)) return nullptr;
    }
    return open.filling->reserve(bytes);
  }
  /// For how long a lane has wanted an empty batch and found none; 0 once one was found.
  [[nodiscard]] std::chrono::nanoseconds stalled_for() const;
  /// Ends the message that was written where try_reserve() said.
  void commit(std::size_t lane_key, const char* end, Batch::Origin origin) {
    lane_of(lane_key).filling->commit(end, origin);
    if (origin == Batch::Origin::kUser) ++drained_;
  }
  /// Hands over every batch that holds something.
  void offer_all();
  /// Steps the lanes that have no thread of their own; true when a batch was completed.
  bool step();

  /// A message that was drained and not encoded.
  void count_lost(LossReason reason, std::uint64_t count) { lost_in_flusher_[reason] += count; }
  /// A message that a filter dropped.
  void count_filtered() { ++filtered_; }
  /// A loss mark of the calling threads that has gone into the stream.
  void count_marked(LossReason reason, std::uint64_t count) { marked_[reason] += count; }
  void count_mark_message() { ++marks_; }

  /// Losses here and on the lanes that the stream does not yet tell of, and that it does now.
  [[nodiscard]] LossCounts unreported_losses() const;
  void count_reported(LossReason reason, std::uint64_t count) { reported_[reason] += count; }

  /// Goes on with the account of the client's previous destination, which is offered nothing more
  /// and whose lanes somebody stops until absorb_previous().
  void follow(std::unique_ptr<Destination> previous);
  /// Those lanes have been stopped: gives their destination back, and keeps its account.
  std::unique_ptr<Destination> absorb_previous();

  /// Everything but `emitted` and the callers' losses, previous destinations included.
  [[nodiscard]] Ledger ledger() const;
  /// The callers' losses that marks in the stream have told of.
  [[nodiscard]] const LossCounts& marked() const { return marked_; }

  /// What has been offered to a destination's lanes, as far as it was when somebody asked.
  struct Offered {
    std::uint64_t destination = 0;       // which one; 0 for none
    std::vector<std::uint64_t> numbers;  // of the last batch of each lane
  };
  [[nodiscard]] Offered offered() const;
  /// Whether that has been sent or lost; what another destination was offered has been, once that
  /// one is not followed any more.
  [[nodiscard]] bool has_done(const Offered& offered) const;

  /// Stops all lanes, see SendQueue::stop(). Without the flusher's mutex: nobody fills it any more.
  bool stop(std::chrono::steady_clock::time_point deadline);

  [[nodiscard]] std::size_t lane_count() const { return lanes_.size(); }
  [[nodiscard]] SendQueue& lane(std::size_t index) { return *lanes_[index].lane; }
  [[nodiscard]] const SendQueue& lane(std::size_t index) const { return *lanes_[index].lane; }

 private:
  struct OpenLane {
    std::unique_ptr<SendQueue> lane;
    Batch* filling = nullptr;
  };

  OpenLane& lane_of(std::size_t key) {
    // A division for each message, twice, stands out in the flusher's profile.
    return lanes_[lanes_.size() == 1 ? 0 : key % lanes_.size()];
  }
  /// False while all of the lane's batches are on their way.
  bool begin_batch(OpenLane& open);
  void offer(OpenLane& open);

  const std::uint64_t id_;  // no other's in the process
  std::vector<OpenLane> lanes_;
  std::uint64_t drained_ = 0;  // messages of the user that were committed
  std::uint64_t marks_ = 0;
  std::uint64_t filtered_ = 0;
  std::unique_ptr<Destination> previous_;
  Ledger retired_;  // of previous destinations that were absorbed
  LossCounts lost_in_flusher_;
  LossCounts marked_;
  LossCounts reported_;  // of all losses in the ledger
  std::optional<std::chrono::steady_clock::time_point> stalled_since_;
};

}  // namespace metlog
