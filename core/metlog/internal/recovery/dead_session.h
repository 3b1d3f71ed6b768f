#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/recovery/batch_image.h"
#include "metlog/internal/recovery/recovery_marks.h"
#include "metlog/internal/recovery/ring_image.h"
#include "metlog/internal/recovery/session_mend.h"
#include "metlog/internal/recovery/session_tables.h"
#include "metlog/internal/session/session.h"

namespace metlog {

/// The session that a dead process left: docs/ring.md. Reads files and maps none; trusts nothing in
/// them. Removes at once what never became a batch: its process died making it. While it lives, no
/// other process recovers the same session. Used by one thread.
class DeadSession {
 public:
  /// Opens `name` in the directory `parent_fd`. kNotFound when it is gone, kFailedPrecondition
  /// while its process lives or another one recovers it, kPermissionDenied when it belongs to
  /// another user, kInvalidArgument when it is no session or of a later version. Then nothing of it
  /// was touched.
  static absl::StatusOr<std::unique_ptr<DeadSession>> open(int parent_fd, const std::string& name);

  /// Removes what a process has left that died while it made a session, which holds nothing:
  /// `.new.PROGRAM.PID.ID`. Nothing when that process lives.
  static void remove_unborn(int parent_fd, const std::string& name);

  /// Removes one of which open() has said kInvalidArgument; its process is dead.
  static void remove_unreadable(int parent_fd, const std::string& name);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const SessionHeader& header() const { return header_; }
  [[nodiscard]] std::array<std::uint8_t, 16> id() const;
  [[nodiscard]] std::string app() const;
  [[nodiscard]] std::string host() const;
  [[nodiscard]] ClockLine clock() const;
  [[nodiscard]] int directory_fd() const { return directory_fd_.get(); }
  /// Returns the names of its files, in their order.
  [[nodiscard]] std::vector<std::string> files() const;

  [[nodiscard]] SiteTable& sites() { return sites_; }
  /// A session of the version before client tables has none.
  [[nodiscard]] const ClientTable& clients() const { return clients_; }

  [[nodiscard]] std::vector<RingImage>& rings() { return rings_; }
  [[nodiscard]] std::vector<BatchImage>& batches() { return batches_; }
  /// Returns the first index that no file of a batch has.
  [[nodiscard]] std::uint32_t free_batch_index() const { return free_batch_index_; }
  /// What could not be read, for a person.
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }
  /// What was damaged, and could be read nevertheless.
  [[nodiscard]] const std::vector<std::string>& damage() const { return damage_; }

  /// True when it was never begun, or when all is delivered: nothing was read, it is to be removed.
  [[nodiscard]] bool holds_nothing() const;
  /// The death was reported in the streams.
  [[nodiscard]] bool is_reported() const { return header_.state == SessionState::kReported; }
  void set_reported() { set_state(SessionState::kReported); }
  /// How many messages of calls were thrown away; 0 for none. They are no longer delivered.
  [[nodiscard]] std::uint64_t purged() const { return purged_; }
  /// Stores that, before they are removed; the streams are to be told of it.
  void set_purged(std::uint64_t count);
  /// See begin_attempt().
  void end_attempt() const { metlog::end_attempt(session_fd_.get()); }
  /// Says that everything in the ring before its pos() is in a batch.
  void set_drained(const RingImage& ring) const;
  void remove_batch(const std::string& file) const;
  /// Empties and removes the files whose names end so.
  void remove_files(std::string_view ending) const;
  /// Says that the first `count` messages of a batch, which are all, are sent or lost.
  void set_settled(const std::string& file, std::uint64_t count) const;
  /// Empties and removes all files and the directory. Once it has begun, nothing is read again.
  void remove();

 private:
  DeadSession(int parent_fd, const std::string& name);
  absl::Status read_header();
  absl::Status check_header(std::size_t size);
  [[nodiscard]] std::optional<SessionId> id_in_files() const;
  void set_state(SessionState state);
  void read_tables();
  void note_damage(const char* table, const TableDamage& damage);
  void read_images();
  absl::Status read_ring(int fd, const std::string& file);
  absl::Status read_batch(int fd, const std::string& file);
  void remove_file(const std::string& file) const;
  [[nodiscard]] std::string contents(const char* file);

  std::string name_;
  UniqueFd parent_fd_;
  UniqueFd directory_fd_;
  UniqueFd session_fd_;  // holds the lock
  SessionHeader header_{};
  std::uint64_t purged_ = 0;
  SiteTable sites_;
  ClientTable clients_;
  std::vector<RingImage> rings_;
  std::vector<BatchImage> batches_;
  std::uint32_t free_batch_index_ = 0;
  std::vector<std::string> complaints_;
  std::vector<std::string> damage_;
};

}  // namespace metlog
