#include "metlog/internal/recovery/dead_session.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/flush/batch_memory.h"
#include "metlog/internal/recovery/recovery_marks.h"
#include "metlog/internal/recovery/session_list.h"
#include "metlog/internal/ring/ring_header.h"

namespace metlog {
namespace {

/// The version before there were client tables and batches.
constexpr std::uint32_t kAbiBeforeClients = 1;
/// Larger numbers are no versions, but damage.
constexpr std::uint32_t kMaxAbi = 1000;
/// What every version's header has.
constexpr std::size_t kLeastHeaderBytes = 184;

UniqueFd open_file(int directory_fd, const std::string& name, int flags) {
  UniqueFd fd(::openat(directory_fd, name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (fd.is_open() && (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))) return {};
  return fd;
}

std::string text_in(const char* text, std::size_t size) {
  return std::string(text, ::strnlen(text, size));
}

}  // namespace

absl::StatusOr<std::unique_ptr<DeadSession>> DeadSession::open(int parent_fd,
                                                               const std::string& name) {
  std::unique_ptr<DeadSession> session(new DeadSession(parent_fd, name));
  if (!session->directory_fd_.is_open()) {
    return errno_status(errno, absl::StrCat("cannot open the session ", name),
                        "name a directory that metlog made");
  }
  if (absl::Status status = session->read_header(); !status.ok()) return status;
  if (session->holds_nothing()) return session;
  session->read_tables();
  session->read_images();
  return session;
}

DeadSession::DeadSession(int parent_fd, const std::string& name)
    : name_(name),
      parent_fd_(::fcntl(parent_fd, F_DUPFD_CLOEXEC, 3)),
      directory_fd_(
          ::openat(parent_fd, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) {}

absl::Status DeadSession::read_header() {
  struct stat status {};
  if (::fstat(directory_fd(), &status) != 0 || status.st_uid != ::geteuid()) {
    return absl::PermissionDeniedError(
        absl::StrCat(name_, " belongs to user ", status.st_uid, "; recover it as that user"));
  }
  if (Session::is_of_this_process(status.st_dev, status.st_ino)) {
    return absl::FailedPreconditionError(absl::StrCat(name_, " is the session of this process"));
  }
  session_fd_ = open_file(directory_fd(), "session", O_RDWR);
  if (!session_fd_.is_open()) {
    const std::string what = absl::StrCat(name_, " has no file `session`");
    return errno == ENOENT ? absl::NotFoundError(what) : absl::InvalidArgumentError(what);
  }
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  if (::fcntl(session_fd_.get(), F_SETLK, &whole) != 0) {
    return absl::FailedPreconditionError(
        absl::StrCat(name_, ": its process lives, or another one recovers it"));
  }
  if (::fstat(session_fd_.get(), &status) != 0 || status.st_nlink == 0) {
    return absl::NotFoundError(absl::StrCat(name_, " has been recovered meanwhile"));
  }
  const ssize_t size = ::pread(session_fd_.get(), &header_, sizeof header_, 0);
  purged_ = purged_mark(session_fd_.get());
  return check_header(size < 0 ? 0 : static_cast<std::size_t>(size));
}

absl::Status DeadSession::check_header(std::size_t size) {
  const bool is_known = header_.magic == kSessionMagic;
  if (is_known && header_.abi > kSessionAbi && header_.abi < kMaxAbi) {
    return absl::InvalidArgumentError(
        absl::StrCat(name_, " is of a later version of metlog (", header_.abi,
                     "); it stays as it is: recover it, or throw it away, with that version"));
  }
  const std::optional<SessionName> name = parse_session_name(name_);
  const std::optional<SessionId> file_id = id_in_files();
  if (!is_known) {
    // One that never began. Its files are named before they have anything.
    if (header_.magic == 0 && !file_id.has_value()) {
      header_ = {};
      return absl::OkStatus();
    }
    if (!name.has_value() || !file_id.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat(name_, " has no whole header, and no other file says that it is a session"));
    }
  }
  const bool has_version = header_.abi != 0 && header_.abi <= kSessionAbi;
  if (!has_version) header_.abi = kSessionAbi;
  std::string mended = has_version ? "" : "version ";
  if (name.has_value()) mended += mend_session_header(header_, *name, file_id);
  if (size < kLeastHeaderBytes) mended += " end";
  if (mended.empty()) return absl::OkStatus();
  header_.magic = kSessionMagic;
  damage_.push_back(absl::StrCat(name_, ": its header is damaged (", mended,
                                 "); other sources are used for that"));
  return absl::OkStatus();
}

/// Returns the id of the session as the first ring or batch says that has one.
std::optional<SessionId> DeadSession::id_in_files() const {
  for (const std::string& file : files()) {
    const bool is_ring = file.ends_with(".ring");
    if (!is_ring && !file.ends_with(".batch")) continue;
    const UniqueFd fd = open_file(directory_fd(), file, O_RDONLY);
    std::uint64_t magic = 0;
    SessionId id{};
    const std::size_t at = is_ring ? offsetof(RingHeader, session) : offsetof(BatchHeader, session);
    if (::pread(fd.get(), &magic, sizeof magic, 0) == sizeof magic &&
        magic == (is_ring ? kRingMagic : kBatchMagic) &&
        ::pread(fd.get(), id.data(), id.size(), static_cast<off_t>(at)) ==
            static_cast<ssize_t>(id.size())) {
      return id;
    }
  }
  return std::nullopt;
}

std::string DeadSession::contents(const char* file) {
  const UniqueFd fd = open_file(directory_fd(), file, O_RDONLY);
  struct stat status {};
  if (!fd.is_open() || ::fstat(fd.get(), &status) != 0) {
    complaints_.push_back(absl::StrCat(name_, "/", file, " cannot be read"));
    return {};
  }
  // It is appended to, so it has no holes; beyond the first one it may claim any length.
  const off_t end = ::lseek(fd.get(), 0, SEEK_HOLE);
  std::string bytes(static_cast<std::size_t>(std::max<off_t>(end, 0)), '\0');
  const ssize_t size = ::pread(fd.get(), bytes.data(), bytes.size(), 0);
  bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return bytes;
}

void DeadSession::read_tables() {
  sites_ = SiteTable(contents("dict"));
  note_damage("dict", sites_.damage());
  if (header_.abi == kAbiBeforeClients) return;
  clients_ = ClientTable(contents("clients"));
  note_damage("clients", clients_.damage());
}

void DeadSession::note_damage(const char* table, const TableDamage& damage) {
  if (damage.bytes == 0) return;
  damage_.push_back(absl::StrCat(name_, "/", table, ": ", damage.bytes, " bytes in ", damage.places,
                                 " places make no sense; the rest is used"));
}

std::vector<std::string> DeadSession::files() const {
  const int listing_fd = ::dup(directory_fd());
  DIR* const listing = listing_fd >= 0 ? ::fdopendir(listing_fd) : nullptr;
  if (listing == nullptr) return {};
  ::rewinddir(listing);
  std::vector<std::string> names;
  while (const dirent* const entry = ::readdir(listing)) {
    if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  }
  ::closedir(listing);
  std::sort(names.begin(), names.end());
  return names;
}

void DeadSession::read_images() {
  for (const std::string& file : files()) {
    const bool is_ring = file.ends_with(".ring");
    if (!is_ring && !file.ends_with(".batch")) continue;
    const UniqueFd fd = open_file(directory_fd(), file, O_RDONLY);
    const absl::Status status = is_ring ? read_ring(fd.get(), file) : read_batch(fd.get(), file);
    if (!is_ring && absl::IsNotFound(status)) remove_batch(file);  // its process died making it
    if (!status.ok() && !absl::IsNotFound(status)) complaints_.emplace_back(status.message());
  }
  for (RingImage& ring : rings_) {
    for (const BatchImage& batch : batches_) {
      if (!ring.is_guessed()) break;
      for (const BatchImage::Message& message : batch.messages) {
        if (message.record.ring == ring.index()) ring.note_record_at(message.record.pos);
      }
    }
  }
}

absl::Status DeadSession::read_ring(int fd, const std::string& file) {
  unsigned index = 0;
  if (std::sscanf(file.c_str(), "r%u.ring", &index) != 1) return absl::NotFoundError(file);
  absl::StatusOr<RingImage> ring = RingImage::read(fd, absl::StrCat(name_, "/", file), index);
  if (!ring.ok()) return ring.status();
  rings_.push_back(*std::move(ring));
  if (!rings_.back().damage().empty()) {
    damage_.push_back(
        absl::StrCat(name_, "/", file, ": its header is damaged (", rings_.back().damage(),
                     "); its cells are used",
                     rings_.back().is_guessed() ? ", some records may come twice" : ""));
  }
  return absl::OkStatus();
}

absl::Status DeadSession::read_batch(int fd, const std::string& file) {
  unsigned stream = 0;
  unsigned index = 0;
  if (std::sscanf(file.c_str(), "s%u.%u.", &stream, &index) != 2) return absl::NotFoundError(file);
  free_batch_index_ = std::max(free_batch_index_, index + 1);
  absl::StatusOr<BatchImage> batch = BatchImage::read(fd, absl::StrCat(name_, "/", file), stream);
  if (!batch.ok()) return batch.status();
  if (batch->damaged != 0) {
    note_damage(file.c_str(), {batch->damaged * sizeof(Batch::Entry), batch->damaged});
  }
  if (!batch->damage.empty()) {
    damage_.push_back(absl::StrCat(name_, "/", file, ": its header is damaged (", batch->damage,
                                   "); some messages may come twice"));
  }
  if (batch->missing != 0) {
    complaints_.push_back(absl::StrCat(name_, "/", file, ": ", batch->missing,
                                       " messages are missing where its table is damaged"));
  }
  batches_.push_back(*std::move(batch));
  batches_.back().name = file;
  return absl::OkStatus();
}

std::array<std::uint8_t, 16> DeadSession::id() const {
  std::array<std::uint8_t, 16> id{};
  std::memcpy(id.data(), header_.id, id.size());
  return id;
}

std::string DeadSession::app() const { return text_in(header_.app, sizeof header_.app); }
std::string DeadSession::host() const { return text_in(header_.host, sizeof header_.host); }

ClockLine DeadSession::clock() const {
  // relaxed, all: the process is dead. One that died while it stored the line leaves an old or a
  // mixed one: at most half a second of difference.
  return {header_.clock_base_ticks.load(Order::kRelaxed),
          header_.clock_base_ns.load(Order::kRelaxed),
          header_.clock_ns_per_tick.load(Order::kRelaxed)};
}

bool DeadSession::holds_nothing() const {
  return header_.magic == 0 || header_.state == SessionState::kDelivered;
}

void DeadSession::set_state(SessionState state) {
  header_.state = state;
  (void)!::pwrite(session_fd_.get(), &state, sizeof state, offsetof(SessionHeader, state));
}

void DeadSession::set_purged(std::uint64_t count) {
  // First: a death that is reported once more is no fault, a loss that is not reported is one.
  set_state(SessionState::kInUse);
  purged_ = count;
  set_purged_mark(session_fd_.get(), count);
}

void DeadSession::set_drained(const RingImage& ring) const {
  char file[32];
  std::snprintf(file, sizeof file, "r%03u.ring", ring.index());
  const UniqueFd fd = open_file(directory_fd(), file, O_WRONLY);
  const std::uint64_t pos = ring.pos();
  if (!fd.is_open()) return;
  (void)!::pwrite(fd.get(), &pos, sizeof pos,
                  offsetof(RingHeader, positions) + offsetof(RingPositions, drained_pos));
}

void DeadSession::set_settled(const std::string& file, std::uint64_t count) const {
  const UniqueFd fd = open_file(directory_fd(), file, O_WRONLY);
  if (fd.is_open()) {
    (void)!::pwrite(fd.get(), &count, sizeof count, offsetof(BatchHeader, next));
  }
}

void DeadSession::remove_batch(const std::string& file) const {
  ::unlinkat(directory_fd(), file.c_str(), 0);
}

void DeadSession::remove_files(std::string_view ending) const {
  for (const std::string& file : files()) {
    if (file.ends_with(ending)) remove_file(file);
  }
}

void DeadSession::remove_file(const std::string& file) const {
  const UniqueFd fd = open_file(directory_fd(), file, O_WRONLY);
  if (fd.is_open()) (void)!::ftruncate(fd.get(), 0);
  ::unlinkat(directory_fd(), file.c_str(), 0);
}

void DeadSession::remove_unborn(int parent_fd, const std::string& name) {
  const pid_t pid = pid_in(name);
  // Its process would only go on without a session if this were wrong.
  if (pid <= 0 || ::kill(pid, 0) == 0 || errno != ESRCH) return;
  DeadSession unborn(parent_fd, name);
  struct stat status {};
  if (::fstat(unborn.directory_fd(), &status) == 0 && status.st_uid == ::geteuid()) unborn.remove();
}

void DeadSession::remove_unreadable(int parent_fd, const std::string& name) {
  DeadSession session(parent_fd, name);
  // Again, for the lock.
  if (absl::IsInvalidArgument(session.read_header())) session.remove();
}

void DeadSession::remove() {
  // Without this, a session whose dictionary is gone would look like one that cannot be read.
  if (header_.magic != 0) set_state(SessionState::kDelivered);
  std::vector<std::string> names = files();
  // `session` last: a session without one is damaged, and one that has it is found again.
  std::partition(names.begin(), names.end(), [](const auto& file) { return file != "session"; });
  for (const std::string& file : names) remove_file(file);
  ::unlinkat(parent_fd_.get(), name_.c_str(), AT_REMOVEDIR);
}

}  // namespace metlog
