#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "metlog/internal/base/record_id.h"
#include "metlog/internal/recovery/batch_image.h"
#include "metlog/internal/recovery/dead_session.h"
#include "metlog/sender.h"

namespace metlog {

/// What a dead process has left for one stream: the messages that its batches held, those that are
/// made from its rings now, and the batches in which both wait for a sender. Used by one thread.
class Lane {
 public:
  /// The record of a message about the death itself.
  static constexpr RecordId kDeath{1, RecordId::kNoRing - 1};

  /// `own_url` is where the process sent, `url` where this goes.
  Lane(const StreamId& stream, std::string own_url, std::string url)
      : stream_(stream), own_url_(std::move(own_url)), url_(std::move(url)) {}

  /// Takes what was not sent from a batch. A message that is in two batches, because a recovery
  /// died, is taken once, and not at all if it was sent from one of them.
  void take(const BatchImage& batch);
  /// True when a message was made from this record, or from a later one of the same ring.
  [[nodiscard]] bool has(const RecordId& record) const;
  /// Adds a message with the next number.
  void add(std::string text, const RecordId& record, Batch::Origin origin);

  /// Puts all messages into new batches, files in `directory_fd` with these indexes and more.
  void store(int directory_fd, std::uint32_t first_index);
  /// True when all of these batches are in files.
  [[nodiscard]] bool is_stored() const;
  [[nodiscard]] std::vector<std::unique_ptr<Batch>>& batches() { return batches_; }

  [[nodiscard]] const std::string& url() const { return url_; }
  [[nodiscard]] std::size_t count() const { return open_.size(); }
  /// Returns how many of them are of calls.
  [[nodiscard]] std::size_t user_count() const;

 private:
  struct Message {
    std::string text;
    RecordId record;
    Batch::Origin origin;
  };
  [[nodiscard]] std::uint64_t arrived_in_file(const BatchImage& batch) const;

  const StreamId stream_;
  const std::string own_url_;
  const std::string url_;
  std::map<std::uint64_t, Message> open_;           // by sequence number
  std::set<std::uint64_t> settled_;                 // sequence numbers
  std::map<std::uint32_t, std::uint64_t> drained_;  // by ring, the last position
  std::uint64_t next_sequence_ = 0;
  std::uint64_t next_number_ = 1;
  std::vector<std::unique_ptr<Batch>> batches_;
};

/// The lanes of a session.
class Lanes {
 public:
  /// `to` is the destination of all; empty for each client's own.
  Lanes(const DeadSession& session, std::string to) : session_(session), to_(std::move(to)) {}

  /// Returns that of a stream, made at its first use.
  Lane& of(std::uint32_t stream);
  [[nodiscard]] const std::map<std::uint32_t, std::unique_ptr<Lane>>& all() const { return all_; }

 private:
  const DeadSession& session_;
  const std::string to_;
  std::map<std::uint32_t, std::unique_ptr<Lane>> all_;  // by stream
};

}  // namespace metlog
