#include "metlog/internal/recovery/dead_session.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/crc32c.h"
#include "metlog/internal/base/errno_status.h"
#include "metlog/internal/recovery/byte_reader.h"
#include "metlog/internal/ring/ring_header.h"

namespace metlog {
namespace {

UniqueFd open_file(int directory_fd, const std::string& name, int flags) {
  UniqueFd fd(::openat(directory_fd, name.c_str(), flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat status {};
  if (fd.is_open() && (::fstat(fd.get(), &status) != 0 || !S_ISREG(status.st_mode))) return {};
  return fd;
}

/// Calls `use` with the contents of each entry up to the first that is not whole.
void for_each_entry(std::string_view bytes, const std::function<void(ByteReader)>& use) {
  ByteReader reader(bytes);
  while (!reader.is_at_end()) {
    const auto size = reader.take<std::uint32_t>();
    const auto crc = reader.take<std::uint32_t>();
    const std::string_view contents = reader.take_bytes(size);
    if (!reader.is_whole() ||
        crc32c(reinterpret_cast<const unsigned char*>(contents.data()), contents.size()) != crc) {
      return;
    }
    use(ByteReader(contents));
  }
}

/// Nothing when the entry makes no sense.
std::optional<RegisteredSite> site_of(ByteReader entry) {
  RegisteredSite site{};
  site.id = entry.take<std::uint32_t>();
  site.kind = static_cast<SiteKind>(entry.take<std::uint8_t>());
  site.severity = static_cast<Severity>(entry.take<std::int8_t>());
  const auto args = entry.take<std::uint16_t>();
  site.line = entry.take<std::uint32_t>();
  site.text = entry.take_text();
  site.file = entry.take_text();
  site.function = entry.take_text();
  std::uint16_t text_args = 0;
  for (std::uint16_t i = 0; i < args && entry.is_whole(); ++i) {
    const auto role = static_cast<ArgRole>(entry.take<char>());
    const auto key_bytes = entry.take<std::uint8_t>();
    site.args.push_back({role, key_bytes, entry.take_text()});
    if (site.args.back().type.empty()) return std::nullopt;
    if (role == ArgRole::kText) ++text_args;
  }
  if (!entry.is_whole() || site.id < kFirstSiteId || site.kind > SiteKind::kTimer) {
    return std::nullopt;
  }
  complete_site(site);
  for (const FormatSegment& segment : site.segments) {
    if (segment.arg != FormatSegment::kLiteral && segment.arg >= text_args) return std::nullopt;
  }
  return site;
}

std::optional<SessionClient> client_of(ByteReader entry) {
  SessionClient client;
  client.slot = entry.take<std::uint32_t>();
  client.format = entry.take<std::uint8_t>();
  client.timer_resolution = entry.take<std::uint8_t>();
  client.severity = entry.take<std::int8_t>();
  client.flags = entry.take<std::uint8_t>();
  client.logger = entry.take_text();
  client.url = entry.take_text();
  const auto streams = entry.take<std::uint32_t>();
  for (std::uint32_t i = 0; i < streams && entry.is_whole(); ++i) {
    client.streams.push_back(entry.take<std::uint32_t>());
  }
  if (!entry.is_whole() || client.slot >= kClientSlots) return std::nullopt;
  return client;
}

std::string text_in(const char* text, std::size_t size) {
  return std::string(text, ::strnlen(text, size));
}

}  // namespace

absl::StatusOr<std::unique_ptr<DeadSession>> DeadSession::open(int parent_fd,
                                                               const std::string& name) {
  std::unique_ptr<DeadSession> session(new DeadSession());
  session->name_ = name;
  session->parent_fd_ = UniqueFd(::fcntl(parent_fd, F_DUPFD_CLOEXEC, 3));
  session->directory_fd_ =
      UniqueFd(::openat(parent_fd, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!session->directory_fd_.is_open()) {
    return errno_status(errno, absl::StrCat("cannot open the session ", name),
                        "name a directory that metlog made");
  }
  if (absl::Status status = session->read_header(); !status.ok()) return status;
  if (session->holds_nothing()) return session;
  session->read_sites();
  session->read_clients();
  session->read_images();
  return session;
}

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
  if (size == 0 || (size == sizeof header_ && header_.magic == 0)) return absl::OkStatus();
  if (size != sizeof header_ || header_.magic != kSessionMagic) {
    return absl::InvalidArgumentError(absl::StrCat(name_, " has no whole header"));
  }
  if (header_.abi != kSessionAbi) {
    return absl::InvalidArgumentError(absl::StrCat(name_, " is of another version of metlog (",
                                                   header_.abi, "); recover it with that"));
  }
  return absl::OkStatus();
}

std::string DeadSession::contents(const char* file) {
  const UniqueFd fd = open_file(directory_fd(), file, O_RDONLY);
  struct stat status {};
  if (!fd.is_open() || ::fstat(fd.get(), &status) != 0) {
    complaints_.push_back(absl::StrCat(name_, "/", file, " cannot be read"));
    return {};
  }
  std::string bytes(static_cast<std::size_t>(status.st_size), '\0');
  const ssize_t size = ::pread(fd.get(), bytes.data(), bytes.size(), 0);
  bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return bytes;
}

void DeadSession::read_sites() {
  for_each_entry(contents("dict"), [this](ByteReader entry) {
    std::optional<RegisteredSite> site = site_of(entry);
    if (!site.has_value()) return;
    sites_.push_back(std::make_unique<RegisteredSite>(*std::move(site)));
    layouts_[sites_.back()->id] = std::make_unique<SiteLayout>(*sites_.back());
  });
}

void DeadSession::read_clients() {
  for_each_entry(contents("clients"), [this](ByteReader entry) {
    if (std::optional<SessionClient> client = client_of(entry)) {
      clients_.push_back(*std::move(client));
    }
  });
}

/// Returns the names of its files, in their order.
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
    const std::string path = absl::StrCat(name_, "/", file);
    unsigned stream = 0;
    unsigned index = 0;
    if (std::sscanf(file.c_str(), "s%u.%u.", &stream, &index) == 2) {
      free_batch_index_ = std::max(free_batch_index_, index + 1);
    }
    absl::Status status;
    if (is_ring) {
      absl::StatusOr<RingImage> ring = RingImage::read(fd.get(), path);
      status = ring.status();
      if (ring.ok()) rings_.push_back(*std::move(ring));
    } else {
      absl::StatusOr<BatchImage> batch = BatchImage::read(fd.get(), path);
      status = batch.status();
      if (batch.ok()) {
        batches_.push_back(*std::move(batch));
        batches_.back().name = file;
      }
    }
    if (!status.ok() && !absl::IsNotFound(status)) complaints_.emplace_back(status.message());
  }
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

const SiteLayout* DeadSession::layout(std::uint32_t site) const {
  const auto found = layouts_.find(site);
  return found == layouts_.end() ? nullptr : found->second.get();
}

const SessionClient* DeadSession::client_in(std::uint32_t slot) const {
  const auto last = std::find_if(clients_.rbegin(), clients_.rend(),
                                 [slot](const SessionClient& c) { return c.slot == slot; });
  return last == clients_.rend() ? nullptr : &*last;
}

const SessionClient* DeadSession::client_of_stream(std::uint32_t stream) const {
  const auto found = std::find_if(clients_.begin(), clients_.end(), [stream](const auto& client) {
    return std::find(client.streams.begin(), client.streams.end(), stream) != client.streams.end();
  });
  return found == clients_.end() ? nullptr : &*found;
}

bool DeadSession::holds_nothing() const {
  return header_.magic == 0 || header_.state == SessionState::kDelivered;
}

void DeadSession::set_state(SessionState state) {
  header_.state = state;
  (void)!::pwrite(session_fd_.get(), &state, sizeof state, offsetof(SessionHeader, state));
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

void DeadSession::remove_batch(const std::string& file) const {
  ::unlinkat(directory_fd(), file.c_str(), 0);
}

void DeadSession::remove_unborn(int parent_fd, const std::string& name) {
  const std::size_t id_at = name.rfind('.');
  const std::size_t pid_at = name.rfind('.', id_at - 1) + 1;
  const int pid = std::atoi(name.substr(pid_at, id_at - pid_at).c_str());
  // Its process would only go on without a session if this were wrong.
  if (pid <= 0 || ::kill(pid, 0) == 0 || errno != ESRCH) return;
  DeadSession unborn;
  unborn.name_ = name;
  unborn.parent_fd_ = UniqueFd(::fcntl(parent_fd, F_DUPFD_CLOEXEC, 3));
  unborn.directory_fd_ =
      UniqueFd(::openat(parent_fd, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status {};
  if (::fstat(unborn.directory_fd(), &status) == 0 && status.st_uid == ::geteuid()) unborn.remove();
}

void DeadSession::remove() {
  // Without this, a session whose dictionary is gone would look like one that cannot be read.
  if (header_.magic != 0) set_state(SessionState::kDelivered);
  std::vector<std::string> names = files();
  // `session` last: a session without one is damaged, and one that has it is found again.
  std::partition(names.begin(), names.end(), [](const auto& file) { return file != "session"; });
  for (const std::string& file : names) {
    const UniqueFd fd = open_file(directory_fd(), file, O_WRONLY);
    if (fd.is_open()) (void)!::ftruncate(fd.get(), 0);
    ::unlinkat(directory_fd(), file.c_str(), 0);
  }
  ::unlinkat(parent_fd_.get(), name_.c_str(), AT_REMOVEDIR);
}

}  // namespace metlog
