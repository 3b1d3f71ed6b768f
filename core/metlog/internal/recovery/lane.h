#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metlog/internal/base/record_id.h"
#include "metlog/internal/recovery/batch_image.h"
#include "metlog/internal/recovery/dead_session.h"
#include "metlog/sender.h"

namespace metlog {

/// What a dead process has left for one stream: the messages that its batches held, those that are
/// made from its rings now, and the new batches, files of the session, in which both wait for a
/// sender. Holds no text itself. Used by one thread.
class Lane {
 public:
  /// The record of a message about the death itself.
  static constexpr RecordId kDeath{1, RecordId::kNoRing - 1};
  /// That of the message about what was thrown away after it.
  static constexpr RecordId kPurge{1, RecordId::kNoRing - 2};

  /// Where the new batches are.
  struct Place {
    int directory_fd;
    std::uint32_t first_index;  // of their files, see BatchPlace
    bool drops_calls;           // messages of calls are counted and thrown away
  };
  /// Who adds the identity of a message to it.
  struct Ids {
    bool has_own;     // the process did, in its batches
    bool are_wanted;  // by the destination
  };

  /// `own_url` is where the process sent, `url` where this goes.
  Lane(const StreamId& stream, std::string own_url, std::string url, const Place& place, Ids ids)
      : stream_(stream),
        own_url_(std::move(own_url)),
        url_(std::move(url)),
        place_(place),
        ids_(ids) {}

  /// Takes what was not sent from a batch, which lives until store_taken(). A message that is in
  /// two batches, because a recovery died, is taken once, and not at all if it was sent from one.
  /// False when all of it is sent or lost.
  bool take(const BatchImage& batch);
  /// Puts what was taken into new batches. Before the first add().
  void store_taken();
  /// True when a message was made from this record, or from a later one of the same ring.
  [[nodiscard]] bool has(const RecordId& record) const;
  /// Returns the position after the last record of a ring from which a message was made; 0 for
  /// none.
  [[nodiscard]] std::uint64_t drained_of(std::uint32_t ring) const;
  /// Adds a message with the next number.
  void add(std::string_view text, const RecordId& record, Batch::Origin origin);
  /// The same for one of the engine, which reports losses.
  void add(std::string_view text, const Notice& notice);

  /// True when all of these batches are in files.
  [[nodiscard]] bool is_stored() const;
  [[nodiscard]] std::vector<std::unique_ptr<Batch>>& batches() { return batches_; }

  [[nodiscard]] const std::string& url() const { return url_; }
  /// Returns how many messages there are, in the new batches.
  [[nodiscard]] std::size_t count() const { return count_; }
  /// Returns how many of them are of calls.
  [[nodiscard]] std::size_t user_count() const { return user_count_; }
  /// Returns how many messages of calls were not put into a batch: see Place::drops_calls.
  [[nodiscard]] std::size_t dropped_count() const { return dropped_count_; }
  /// Returns what became of the messages that were taken and are not open. After store_taken().
  [[nodiscard]] const SentTotals& settled_totals() const { return settled_; }
  /// Returns the losses that those report that are open. After store_taken().
  [[nodiscard]] const LossCounts& open_notices() const { return open_notices_; }
  /// True when the message with this number reports the death.
  [[nodiscard]] bool is_death(std::uint64_t sequence) const { return sequence == death_sequence_; }

 private:
  struct Message {
    std::string_view text;
    RecordId record;
    Batch::Origin origin;
    LossReason reported{};           // of losses that it reports
    std::uint64_t report_count = 0;  // of these
  };
  /// A message of an old batch.
  struct Taken {
    std::uint64_t sequence;
    const BatchImage::Message* message;
    std::uint32_t batch;  // index in taken_batches_
    bool is_open;
    bool has_arrived;  // and its sender has not said so
  };
  /// What became of the batches that were in a file before.
  struct File {
    unsigned generation;
    std::uint64_t number;
    SentTotals totals;
  };
  void note_totals(const BatchImage& batch);
  void count_settled(const Taken& taken);
  [[nodiscard]] std::uint64_t arrived(const BatchImage& batch) const;
  void put(std::uint64_t sequence, const Message& message, bool adds_id);

  const StreamId stream_;
  const std::string own_url_;
  const std::string url_;
  Place place_;
  const Ids ids_;
  std::vector<Taken> taken_;
  std::vector<const BatchImage*> taken_batches_;
  std::map<unsigned, File> files_;    // by index
  std::uint64_t replaced_below_ = 0;  // numbers: they are in the totals of that batch
  SentTotals settled_;
  LossCounts open_notices_;
  std::map<std::uint32_t, std::uint64_t> drained_;  // by ring, the last position
  std::uint64_t next_sequence_ = 0;
  std::uint64_t next_number_ = 1;
  std::vector<std::unique_ptr<Batch>> batches_;
  std::uint64_t expected_ = 0;  // what follows in the last of them
  std::size_t count_ = 0;
  std::size_t user_count_ = 0;
  std::size_t dropped_count_ = 0;
  std::uint64_t death_sequence_ = UINT64_MAX;
};

/// The lanes of a session.
class Lanes {
 public:
  /// `to` is the destination of all; empty for each client's own.
  Lanes(const DeadSession& session, std::string to, bool drops_calls)
      : session_(session),
        to_(std::move(to)),
        wants_ids_(asks_for_ids(to_)),
        place_{session.directory_fd(), session.free_batch_index(), drops_calls} {}

  /// Stores what all of them have taken.
  void store_taken();
  /// True when there is a destination for all, so that a client may be unknown.
  [[nodiscard]] bool takes_unknown() const { return !to_.empty(); }

  /// Returns that of a stream, made at its first use.
  Lane& of(std::uint32_t stream);
  /// True when the process had made a message of the client in this slot from this record, or from
  /// a later one of the same ring: in whatever stream, as a client that is reconfigured has another
  /// one before its records are drained.
  [[nodiscard]] bool have(std::uint32_t slot, const RecordId& record);
  [[nodiscard]] const std::map<std::uint32_t, std::unique_ptr<Lane>>& all() const { return all_; }

 private:
  static bool asks_for_ids(const std::string& url);

  const DeadSession& session_;
  const std::string to_;
  const bool wants_ids_;
  const Lane::Place place_;
  std::map<std::uint32_t, std::unique_ptr<Lane>> all_;  // by stream
  // By slot and ring: the end of what the process had drained. Looked for once, since what is added
  // later is later in its ring.
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::uint64_t> drained_;
};

}  // namespace metlog
