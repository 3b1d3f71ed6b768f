#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/recovery/batch_image.h"
#include "metlog/internal/recovery/ring_image.h"
#include "metlog/internal/session/session.h"

namespace metlog {

/// The session that a dead process left: docs/ring.md. Reads files and maps none; trusts nothing in
/// them. While it lives, no other process recovers the same session. Used by one thread.
class DeadSession {
 public:
  /// Opens `name` in the directory `parent_fd`. kNotFound when it is gone, kFailedPrecondition
  /// while its process lives or another one recovers it, kPermissionDenied when it belongs to
  /// another user, kInvalidArgument when it is no session or of another version.
  static absl::StatusOr<std::unique_ptr<DeadSession>> open(int parent_fd, const std::string& name);

  /// Removes what a process has left that died while it made a session, which holds nothing:
  /// `.new.PROGRAM.PID.ID`. Nothing when that process lives.
  static void remove_unborn(int parent_fd, const std::string& name);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] const SessionHeader& header() const { return header_; }
  [[nodiscard]] std::array<std::uint8_t, 16> id() const;
  [[nodiscard]] std::string app() const;
  [[nodiscard]] std::string host() const;
  [[nodiscard]] ClockLine clock() const;
  [[nodiscard]] int directory_fd() const { return directory_fd_.get(); }

  /// Returns null for a site that is not in the dictionary.
  [[nodiscard]] const SiteLayout* layout(std::uint32_t site) const;
  /// Returns what the client in a slot was last; null when that is unknown.
  [[nodiscard]] const SessionClient* client_in(std::uint32_t slot) const;
  [[nodiscard]] const SessionClient* client_of_stream(std::uint32_t stream) const;

  [[nodiscard]] std::vector<RingImage>& rings() { return rings_; }
  [[nodiscard]] std::vector<BatchImage>& batches() { return batches_; }
  /// Returns the first index that no file of a batch has.
  [[nodiscard]] std::uint32_t free_batch_index() const { return free_batch_index_; }
  /// What could not be read, for a person.
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

  /// True when it was never begun, or when all is delivered: nothing was read, it is to be removed.
  [[nodiscard]] bool holds_nothing() const;
  /// The death was reported in the streams.
  [[nodiscard]] bool is_reported() const { return header_.state != SessionState::kInUse; }
  void set_reported() { set_state(SessionState::kReported); }
  /// Says that everything in the ring before its pos() is in a batch.
  void set_drained(const RingImage& ring) const;
  void remove_batch(const std::string& file) const;
  /// Empties and removes all files and the directory. Once it has begun, nothing is read again.
  void remove();

 private:
  DeadSession() = default;
  absl::Status read_header();
  void set_state(SessionState state);
  void read_sites();
  void read_clients();
  void read_images();
  [[nodiscard]] std::vector<std::string> files() const;
  [[nodiscard]] std::string contents(const char* file);

  std::string name_;
  UniqueFd parent_fd_;
  UniqueFd directory_fd_;
  UniqueFd session_fd_;  // holds the lock
  SessionHeader header_{};
  std::vector<std::unique_ptr<RegisteredSite>> sites_;
  std::map<std::uint32_t, std::unique_ptr<SiteLayout>> layouts_;  // by site
  std::vector<SessionClient> clients_;
  std::vector<RingImage> rings_;
  std::vector<BatchImage> batches_;
  std::uint32_t free_batch_index_ = 0;
  std::vector<std::string> complaints_;
};

}  // namespace metlog
