#pragma once

#include "metlog/internal/base/hide_macros.inc"  // first

#include <array>
#include <cassert>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/connection_counts.h"
#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/base/record_id.h"
#include "metlog/ledger.h"
#include "metlog/loss.h"

namespace metlog {

/// The id of a stream, which is what one send queue sends: by it and the sequence number that the
/// queue gives each message, a reader of batched frames sees which are missing. docs/wire.md has
/// its place in the frame.
struct StreamId {
  std::array<std::uint8_t, 16> session{};  // of the process; a forked child has another
  std::uint32_t number = 0;                // unique within the session

  friend bool operator==(const StreamId&, const StreamId&) = default;
};

/// What a message of the engine reports. It stays beside the message, so that the engine can report
/// it again if the message is lost.
struct Notice {
  enum class Kind : std::uint8_t { kLoss, kClock, kStats };  // metlog.loss, .clock, .stats

  Kind kind = Kind::kLoss;
  LossReason reason{};        // of kLoss
  std::uint64_t count = 0;    // of lost messages, or of jumps of the clock; 0 for nothing to report
  std::int64_t first_ns = 0;  // UTC: when the first was lost; before the first jump
  std::int64_t last_ns = 0;   // UTC: when the last was lost; after the last jump
  std::int64_t shift_ns = 0;  // of kClock: by how much the clock was set forward, or back
  RecordId record = {};       // the loss mark in a ring that it is about, if any
};

/// Which file something is in, whatever its name is by then. Both are 0 when that is not known.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;

  [[nodiscard]] bool is_known() const { return inode != 0; }
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

class BatchMemory;
struct SentTotals;

/// The file of a batch, so that what is in it outlives the process.
struct BatchPlace {
  int directory_fd = -1;    // of the session; -1 for memory that ends with the process
  std::uint32_t index = 0;  // of the batch in its queue
  /// The file stays when the batch is destroyed, and what is lost in it counts as not sent there.
  bool is_kept = false;
  /// The totals of all earlier batches of the stream, for which this one stands from now on; null
  /// for none.
  const SentTotals* replaced = nullptr;
};

/// Encoded messages for a sender: one after the other, each followed by a newline, with a table of
/// their ends. The flusher fills it; one sender empties it, by moving the cursor or message by
/// message in any order; one thread at a time owns it.
///
/// In a session it lies in a file, where another process finds after our death what was not sent:
/// the messages, each with the record that it was made from, and how far the sender was.
class Batch {
 public:
  /// The source of a message: a call, for which the ledger accounts, or the engine (metlog.loss,
  /// metlog.stats).
  enum class Origin : std::uint8_t { kUser, kEngine };

  /// What became of a message that a sender settled before those in front of it.
  enum class Result : std::uint8_t { kOpen, kSent, kLost };

  /// A message in the table.
  struct Entry {
    std::uint64_t end;         // offset in the text, just past the newline
    std::uint64_t record_pos;  // with record_ring: RecordId
    std::uint32_t record_ring;
    Origin origin;
    Result result;
    LossReason reason;           // of kLost
    std::uint8_t notice_reason;  // 1 + the LossReason of the losses that it reports; 0 for none
    std::uint64_t notice_count;  // of these; undefined without
  };

  /// The batch is full once it holds `bytes`. The buffer grows to hold a longer message.
  explicit Batch(std::size_t bytes, const StreamId& stream = {}, const BatchPlace& place = {});
  ~Batch();
  Batch(Batch&&) noexcept;
  Batch& operator=(Batch&&) noexcept;

  // Filling, by the flusher.

  /// Returns room for at least `bytes` more bytes; valid until the next call.
  char* reserve(std::size_t bytes) {
    if (capacity_ - used_ <= bytes || count_ == max_count_) [[unlikely]]
      make_room(used_ + bytes + 1);
    return text_ + used_;
  }
  /// Ends the message that was written from reserve()'s result up to `end`; adds the newline.
  /// `record` is what it was made from.
  void commit(const char* end, Origin origin, const RecordId& record = {}) {
    put_entry(end, origin, record, 0);
    if (origin == Origin::kUser) ++user_count_;
  }
  /// Ends a message of the engine, which reports `notice`.
  void commit(const char* end, const Notice& notice);
  [[nodiscard]] bool is_full() const { return used_ >= wanted_bytes_ || count_ == full_count_; }
  /// Sets the number and the first sequence number of what will be put into the empty batch.
  void begin(std::uint64_t batch_number, std::uint64_t sequence);
  /// Makes it empty; keeps the memory.
  void clear();
  /// True when what is in it can be read after the death of the process.
  [[nodiscard]] bool outlives_process() const;

  // Emptying, by the sender.

  [[nodiscard]] bool is_done() const { return next_ == count_; }
  /// Returns the number of messages not yet taken, the one at the cursor included.
  [[nodiscard]] std::size_t remaining_count() const { return count_ - next_; }
  /// Returns the i-th message not yet taken, without its newline. Requires i < remaining_count().
  [[nodiscard]] std::string_view message(std::size_t i) const;
  /// Returns where the message at the cursor is from.
  [[nodiscard]] Origin origin() const { return table_[next_].origin; }
  /// Returns `count` messages from the `first` of those not yet taken on, each with its newline.
  /// Requires that there are as many, and a cursor between two messages.
  [[nodiscard]] std::string_view lines(std::size_t first, std::size_t count) const;
  /// Returns how many messages from the `first` not yet taken on fit into `bytes`, newlines
  /// included.
  [[nodiscard]] std::size_t count_within(std::size_t first, std::size_t bytes) const;
  /// Returns the sequence number of the message at the cursor in its stream.
  [[nodiscard]] std::uint64_t sequence() const { return first_sequence + next_; }

  /// Returns all bytes not yet taken, newlines included; starts inside a message after a short
  /// write.
  [[nodiscard]] std::string_view remaining_bytes() const;
  /// True when part of the message at the cursor has been taken.
  [[nodiscard]] bool is_inside_message() const { return cursor_ > start_of(next_); }

  /// Moves the cursor past the next messages: the destination has them.
  void take_messages(std::size_t count);
  /// Moves the cursor past the next bytes; a message counts as sent once its newline is taken.
  void take_bytes(std::size_t count);
  /// Says where in which file a sender will now write the message at the cursor and what follows.
  /// The file may have another name when that is read.
  void begin_write(std::uint64_t file_offset, const FileIdentity& file = {});
  /// Counts the message at the cursor as lost and moves past it.
  void lose_message(LossReason reason);
  /// Counts all that remains as lost.
  void lose_rest(LossReason reason);

  // Emptying in any order, for destinations that answer message by message. An index counts from
  // the batch's first message. The cursor moves past what is settled without a gap.

  /// Returns the index of the message at the cursor.
  [[nodiscard]] std::size_t index() const { return next_; }
  [[nodiscard]] std::size_t count() const { return count_; }
  /// False while nothing is known of the message. Requires index < count().
  [[nodiscard]] bool is_settled(std::size_t index) const {
    return index < next_ || table_[index].result != Result::kOpen;
  }
  /// Returns the index of the first message that was lost, or count().
  [[nodiscard]] std::size_t first_lost() const {
    return first_lost_ < count_ ? first_lost_ : count_;
  }
  /// Returns the message without its newline. Requires index < count().
  [[nodiscard]] std::string_view message_at(std::size_t index) const;
  /// Returns what is known of the message. Requires index < count().
  [[nodiscard]] const Entry& entry_at(std::size_t index) const { return table_[index]; }
  /// The destination has the message. Requires one that is not settled, as lose_at().
  void take_at(std::size_t index);
  /// Counts the message as lost.
  void lose_at(std::size_t index, LossReason reason);

  // Accounting: messages of calls, unless they say otherwise.

  [[nodiscard]] std::uint64_t user_count() const { return user_count_; }
  [[nodiscard]] std::uint64_t sent_count() const { return sent_count_; }
  [[nodiscard]] const LossCounts& lost() const { return lost_; }
  /// A message of the engine's that was lost changes none of the counts above, but is known here.
  struct NoticeOutcome {
    std::size_t message;  // its index in the batch
    Notice notice;
    bool is_lost;
  };
  [[nodiscard]] const std::vector<NoticeOutcome>& notices() const { return notices_; }
  /// Returns how many messages of the engine were taken. Requires is_done().
  [[nodiscard]] std::uint64_t engine_sent_count() const {
    return count_ - user_count_ - engine_lost_count_;
  }

  /// The number of this batch in its queue, from 1; see begin().
  std::uint64_t number = 0;
  /// The sequence number of its first message in the stream, from 0; engine messages count, too.
  std::uint64_t first_sequence = 0;
  /// The stream of the queue that made the batch.
  StreamId stream;

 private:
  [[nodiscard]] std::size_t start_of(std::size_t index) const {
    return index == 0 ? 0 : table_[index - 1].end;
  }
  void put_entry(const char* end, Origin origin, const RecordId& record,
                 std::uint8_t notice_reason) {
    used_ = static_cast<std::size_t>(end - text_);
    assert(used_ < capacity_ && count_ < max_count_);
    text_[used_++] = '\n';
    const std::uint64_t notice_count = table_[count_].notice_count;  // stored before, if at all
    table_[count_++] = {used_,         record.pos, record.ring,   origin,
                        Result::kOpen, {},         notice_reason, notice_count};
    // release: pairs with a process that reads the file after our death
    published_count_->store(count_, Order::kRelease);
  }
  void make_room(std::size_t text_bytes);
  void pass_message();
  void pass_settled();
  void count_lost(std::size_t index, LossReason reason);
  void publish_cursor();
  void publish_number();

  std::size_t wanted_bytes_;
  std::size_t full_count_;
  bool keeps_lost_;
  std::unique_ptr<BatchMemory> memory_;
  // Where the parts of the memory are, and what they have room for.
  char* text_ = nullptr;
  std::size_t capacity_ = 0;
  Entry* table_ = nullptr;
  std::size_t max_count_ = 0;
  PlainAtomic<std::uint64_t>* published_count_ = nullptr;
  std::size_t used_ = 0;
  std::size_t count_ = 0;    // of messages
  std::size_t next_ = 0;     // index of the message at the cursor
  std::size_t cursor_ = 0;   // bytes taken
  std::size_t settled_ = 0;  // messages behind the cursor
  std::size_t first_lost_ = SIZE_MAX;
  std::uint64_t user_count_ = 0;
  std::uint64_t sent_count_ = 0;
  LossCounts lost_;
  std::vector<NoticeOutcome> notices_;  // by message
  std::uint64_t engine_lost_count_ = 0;
};

/// The result of Sender::send().
enum class SendResult {
  kSent,  // the cursor is at the end: every message was taken, or lost one by one with its reason
  kBusy,  // the destination takes no more for now; the rest stays in the batch
  kLost,  // the sender gave up the rest and called Batch::lose_rest()
  kHeld,  // the sender keeps the batch while the destination has not answered: take_settled()
};

/// A destination of encoded messages. Used by one thread at a time, that of its send queue. A
/// program may implement one and give it to metlog::open().
class Sender {
 public:
  virtual ~Sender() = default;

  /// Sends from the batch's cursor on and moves the cursor past what the destination took. Waits
  /// for about 100 ms at most; never throws.
  virtual SendResult send(Batch& batch) = 0;

  /// Waits until all that send() took is where handover() says, for `limit` at most; false when it
  /// is not, or not all. Gives up nothing: after false it may be called again, and send() as well.
  virtual bool flush(std::chrono::nanoseconds limit) = 0;

  /// Returns a batch that send() answered by kHeld and whose messages are all sent or lost now;
  /// null when there is none. A sender may hold several and give them back in any order; the queue
  /// goes on with the next batch meanwhile. Called after send(), flush() and idle().
  virtual Batch* take_settled() { return nullptr; }
  /// Lets go of the batches that it holds; what is not settled in them is lost then. The last call
  /// before the destructor.
  virtual void abandon() {}

  /// Returns where messages are after flush() has returned true: a constant of the sender.
  /// kPeer is for a sender whose receiver answers.
  [[nodiscard]] virtual Handover handover() const { return Handover::kLibrary; }

  /// Called while there is nothing to send, for what a sender does unasked; waits for 50 ms at
  /// most, and only for answers to what it holds. Returns the time until it must be called again;
  /// it may be called sooner.
  virtual std::chrono::nanoseconds idle() { return std::chrono::nanoseconds::max(); }

  /// Returns how many bytes of messages shall wait while the destination takes none: its queue gets
  /// batches for them. 0: as many as ClientOptions say. A constant of the sender.
  [[nodiscard]] virtual std::size_t hold_bytes() const { return 0; }

  /// True when the sender writes each message that it loses to standard error, so that the engine
  /// need not say there what its stream could not report.
  [[nodiscard]] virtual bool shows_losses() const { return false; }

  /// Returns the destination as a URL, for messages to humans.
  [[nodiscard]] virtual std::string_view url() const = 0;
  /// Returns the URL by which another process reaches the same destination and adds to it.
  [[nodiscard]] virtual std::string lasting_url() const { return std::string(url()); }

  /// Returns how its connections have fared. Any thread, while others use the sender; see
  /// LiveConnectionCounts.
  [[nodiscard]] virtual ConnectionCounts connections() const { return {}; }
};

}  // namespace metlog

#include "metlog/internal/base/restore_macros.inc"  // last
