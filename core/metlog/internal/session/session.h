#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "metlog/internal/base/clock.h"
#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/site/site_registry.h"

namespace metlog {

inline constexpr std::uint64_t kSessionMagic = 0x53534553'4c54454d;  // "METLSESS", little endian
inline constexpr std::uint32_t kSessionAbi = 1;

/// The file `session`, as another process reads it after our death; docs/ring.md lists the offsets.
struct SessionHeader {
  std::uint64_t magic;
  std::uint32_t abi;
  std::uint32_t header_bytes;
  std::uint8_t id[16];
  char boot_id[40];  // text of /proc/sys/kernel/random/boot_id
  std::uint32_t pid;
  std::uint32_t uid;
  std::int64_t started_ns;  // UTC
  char app[64];
  // The clock's line under a sequence lock: odd while it is being written.
  PlainAtomic<std::uint32_t> clock_sequence;
  std::uint32_t unused;
  PlainAtomic<std::uint64_t> clock_base_ticks;
  PlainAtomic<std::int64_t> clock_base_ns;
  PlainAtomic<std::uint64_t> clock_ns_per_tick;
};

/// The directory in which a process keeps what must outlive it: this header, the dictionary of
/// call sites, the rings. Removed when the session ends in order, by the process that began it and
/// not by a forked child of it. Lives for as long as the engine; not thread-safe but for
/// append_site().
class Session {
 public:
  /// `directory`: where sessions lie, made (0700) when it is missing; empty for the default,
  /// /dev/shm/metlog-<uid>. A directory that another user owns, or may enter, is not used.
  /// is_open() is false, and error() says why, when there is no place: the rings then lie in
  /// anonymous memory and do not outlive the process.
  explicit Session(const std::string& directory);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] bool is_open() const { return directory_fd_ >= 0; }
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] int directory_fd() const { return directory_fd_; }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::array<std::uint8_t, 16>& id() const { return id_; }
  [[nodiscard]] std::string id_text() const;

  /// Adds a call site to the dictionary. Called under the registry's lock.
  void append_site(const RegisteredSite& site);
  /// Removes the directory, if this process began the session; what is mapped stays usable.
  void remove_files();
  /// Lets readers of the rings know what a tick is.
  void set_clock(const ClockLine& line);

 private:
  void open_directory(const std::string& parent);
  void map_header();

  std::array<std::uint8_t, 16> id_;
  std::string error_;
  std::string path_;
  std::int64_t owner_pid_;
  int directory_fd_ = -1;
  int lock_fd_ = -1;  // of the file `session`; an open-file-description lock says we live
  int dictionary_fd_ = -1;
  SessionHeader* header_ = nullptr;
};

/// A call site as an entry of the dictionary file (docs/ring.md): length, CRC-32C, contents.
std::string encode_site_entry(const RegisteredSite& site);

}  // namespace metlog
