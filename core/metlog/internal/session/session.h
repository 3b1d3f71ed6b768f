#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "metlog/internal/base/clock.h"
#include "metlog/internal/base/plain_atomic.h"
#include "metlog/internal/base/unique_fd.h"
#include "metlog/internal/site/site_registry.h"

namespace metlog {

inline constexpr std::uint64_t kSessionMagic = 0x53534553'4c54454d;  // "METLSESS", little endian
inline constexpr std::uint32_t kSessionAbi = 2;

/// What a crash handler stores about the death of the process. Zeroed memory is a process that has
/// not crashed.
struct CrashSlot {
  static constexpr std::size_t kMaxFrames = 64;
  enum State : std::uint32_t { kEmpty, kBeingWritten, kWhole };
  enum Kind : std::uint32_t { kNone, kSignal, kTerminate };  // kTerminate: std::terminate()

  PlainAtomic<std::uint32_t> state;  // a State, stored last
  std::uint32_t kind;                // a Kind
  std::int32_t signal;
  std::int32_t code;  // si_code
  std::uint64_t address;
  std::int64_t utc_ns;
  std::uint32_t tid;
  std::uint32_t frame_count;
  std::uint64_t frames[kMaxFrames];  // return addresses, the innermost first
};

/// How far the files of a session are done with. Stored before the step that it allows, so that a
/// process that dies in between is understood.
enum class SessionState : std::uint32_t {
  kInUse,
  kReported,   // the death is in the streams
  kDelivered,  // nothing is left to read: the files are being removed, some may be gone
};

/// The contents of the file `session`, for another process after our death; docs/ring.md lists the
/// offsets.
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
  SessionState state;
  PlainAtomic<std::uint64_t> clock_base_ticks;
  PlainAtomic<std::int64_t> clock_base_ns;
  PlainAtomic<std::uint64_t> clock_ns_per_tick;
  char host[64];
  std::uint64_t unused2;
  CrashSlot crash;
};
static_assert(offsetof(SessionHeader, clock_sequence) == 152);
static_assert(offsetof(SessionHeader, host) == 184 && offsetof(SessionHeader, crash) == 256);
static_assert(sizeof(SessionHeader) <= 4096);

/// A client as another process needs it after our death: how its messages look and where they go.
struct SessionClient {
  enum Flag : std::uint8_t { kHasFilters = 1, kHasFormatter = 2, kIsStampedHere = 4, kHasIds = 8 };

  std::uint32_t slot = 0;
  std::uint8_t format = 0;  // a MessageFormat
  std::uint8_t timer_resolution = 0;
  std::int8_t severity = 6;
  std::uint8_t flags = 0;
  std::string logger;
  std::string url;
  std::vector<std::uint32_t> streams;  // of its queues, see StreamId
  // Of the format, see FormatOptions. Not in the file while all have their defaults.
  enum FormatFlag : std::uint8_t {
    kUtc = 1,
    kColored = 2,
    kNumbers = 4,
    kRfc3164 = 8,        // of syslog, with the host
    kRfc3164Local = 16,  // and without it
  };
  std::uint8_t format_flags = 0;
  std::string pattern;
  std::string add;
  std::uint8_t facility = 1;
  std::string app;
  std::string sd_id;
  std::string prefix;
  // Of a client with several destinations, which has a slot for each. Not in the file without.
  std::optional<std::uint32_t> first_slot = std::nullopt;  // which the client's records name
  std::vector<std::uint32_t> others = {};  // in the entry of that one: all other slots
};

/// The directory of the files that must outlive a process: this header, the dictionary of call
/// sites, the clients, the rings and batches. When the session ends normally, the process that
/// began it removes the directory; a forked child does not. Lives as long as the engine. Not
/// thread-safe, except append_site() and append_client().
class Session {
 public:
  /// `directory` is the parent of all sessions, made (0700) when it is missing; empty for the
  /// default, /dev/shm/metlog-<uid>. A directory that another user owns, or may enter, is not used.
  /// On failure is_open() is false and error() says why: the rings are then in anonymous memory and
  /// do not outlive the process.
  explicit Session(const std::string& directory);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  [[nodiscard]] bool is_open() const { return directory_fd_.is_open(); }
  [[nodiscard]] const std::string& error() const { return error_; }
  [[nodiscard]] int directory_fd() const { return directory_fd_.get(); }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] const std::array<std::uint8_t, 16>& id() const { return id_; }
  [[nodiscard]] std::string id_text() const;

  /// Adds a call site to the dictionary. Called under the registry's lock.
  void append_site(const RegisteredSite& site);
  /// Adds a client, or what a client is from now on, and returns what was in its slot. Any thread.
  SessionClient append_client(const SessionClient& client);
  /// Removes the directory, if this process began the session; what is mapped stays usable. Who
  /// finds a part of it does not look for messages there.
  void remove_files();
  /// Returns where a crash handler stores what it knows; null without files. Lives as long as this.
  [[nodiscard]] CrashSlot* crash_slot() const {
    return header_ != nullptr ? &header_->crash : nullptr;
  }
  /// Stores how readers of the rings convert ticks to time.
  void set_clock(const ClockLine& line);
  /// Returns the name of this program, as its session has it.
  static std::string program_name();
  /// True for the directory of a session of this process. Its file `session` must not be opened
  /// here: closing a descriptor of a file gives up the process's locks on it. Any thread.
  static bool is_of_this_process(dev_t device, ino_t inode);

 private:
  void open_directory(const std::string& parent);
  void map_header();

  std::array<std::uint8_t, 16> id_;
  std::string error_;
  std::string path_;
  std::int64_t owner_pid_;
  UniqueFd directory_fd_;
  UniqueFd lock_fd_;  // of the file `session`; this process's lock on it shows that we live
  UniqueFd dictionary_fd_;
  std::mutex clients_mutex_;
  UniqueFd clients_fd_;
  std::map<std::uint32_t, SessionClient> clients_;  // by slot, as last appended
  SessionHeader* header_ = nullptr;
};

/// An entry of the dictionary file or of the client file (docs/ring.md): length, CRC-32C, contents.
std::string encode_entry(const RegisteredSite& site);
std::string encode_entry(const SessionClient& client);

}  // namespace metlog
