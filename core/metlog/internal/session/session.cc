#include "metlog/internal/session/session.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <utility>

#include "metlog/internal/base/crc32c.h"
#include "metlog/internal/base/random_id.h"
#include "metlog/internal/base/signal_block.h"

namespace metlog {
namespace {

constexpr std::size_t kHeaderFileBytes = 4096;

std::string reason(const std::string& what) { return what + ": " + std::strerror(errno); }

// Opens a directory that belongs to us and that no other user may enter, and makes it if needed.
UniqueFd open_private_directory(const std::string& path, std::string& error) {
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) {
    error = reason("cannot make " + path);
    return {};
  }
  UniqueFd fd(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!fd.is_open()) {
    error = reason("cannot open " + path);
    return fd;
  }
  struct stat status;
  if (fstat(fd.get(), &status) == 0 && status.st_uid == geteuid() && (status.st_mode & 077) == 0) {
    return fd;
  }
  error = path + " belongs to another user, or others may enter it";
  return {};
}

std::string read_line(const char* path) {
  char text[64] = {};
  const UniqueFd fd(open(path, O_RDONLY | O_CLOEXEC));
  if (!fd.is_open()) return {};
  const ssize_t size = read(fd.get(), text, sizeof text - 1);
  std::string line(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  return line.substr(0, line.find('\n'));
}

void append(const UniqueFd& fd, const std::string& entry) {
  const ScopedSignalBlock quiet;  // as in map_header()
  const ssize_t written = write(fd.get(), entry.data(), entry.size());
  if (written <= 0 || static_cast<std::size_t>(written) == entry.size()) return;
  // A part of it would hide the entries that follow. An error cannot be reported here.
  struct stat status;
  if (fstat(fd.get(), &status) == 0) (void)!ftruncate(fd.get(), status.st_size - written);
}

std::mutex g_own_mutex;

/// The directories of this process's sessions. Never destroyed: a recovery may still run at exit.
std::vector<std::pair<dev_t, ino_t>>& own_directories() {
  static auto& directories = *new std::vector<std::pair<dev_t, ino_t>>;
  return directories;
}

std::pair<dev_t, ino_t> identity_of(int directory_fd) {
  struct stat status {};
  fstat(directory_fd, &status);
  return {status.st_dev, status.st_ino};
}

void copy_text(char* to, std::size_t size, const std::string& from) {
  std::memcpy(to, from.data(), from.size() < size ? from.size() : size - 1);
}

}  // namespace

Session::Session(const std::string& directory) : id_(random_id()), owner_pid_(getpid()) {
  open_directory(directory.empty() ? "/dev/shm/metlog-" + std::to_string(geteuid()) : directory);
  if (!is_open()) return;
  const std::lock_guard lock(g_own_mutex);
  own_directories().push_back(identity_of(directory_fd()));
}

std::string Session::program_name() { return read_line("/proc/self/comm"); }

bool Session::is_of_this_process(dev_t device, ino_t inode) {
  const std::lock_guard lock(g_own_mutex);
  const auto& own = own_directories();
  return std::find(own.begin(), own.end(), std::pair(device, inode)) != own.end();
}

Session::~Session() {
  if (is_open()) {
    const std::lock_guard lock(g_own_mutex);
    std::erase(own_directories(), identity_of(directory_fd()));
  }
  remove_files();
  if (header_ != nullptr) munmap(header_, kHeaderFileBytes);
}

void Session::open_directory(const std::string& parent) {
  const UniqueFd parent_fd = open_private_directory(parent, error_);
  if (!parent_fd.is_open()) return;
  std::string app = program_name();
  for (char& c : app) {
    if (c == '/') c = '_';
  }
  // Who lists sessions does not see hidden ones.
  if (app.empty()) app.push_back('_');
  if (app.front() == '.') app.front() = '_';
  const std::string name =
      app + "." + std::to_string(getpid()) + "." + metlog::id_text(id_).substr(0, 16);
  // Who recovers sessions does not see it before it is whole and locked.
  const std::string hidden = ".new." + name;
  path_ = parent + "/" + hidden;
  if (mkdirat(parent_fd.get(), hidden.c_str(), 0700) == 0) {
    directory_fd_ = UniqueFd(
        openat(parent_fd.get(), hidden.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  }
  if (!directory_fd_.is_open()) {
    error_ = reason("cannot make " + path_);
    return;
  }
  map_header();
  if (!is_open()) return;
  if (renameat(parent_fd.get(), hidden.c_str(), parent_fd.get(), name.c_str()) != 0) {
    error_ = reason("cannot rename " + path_);
    remove_files();
    directory_fd_ = UniqueFd();
  }
  path_ = parent + "/" + name;
}

void Session::map_header() {
  constexpr int kFlags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
  const ScopedSignalBlock quiet;  // of SIGXFSZ, above the process's limit for files
  lock_fd_ = UniqueFd(openat(directory_fd(), "session", kFlags, 0600));
  dictionary_fd_ = UniqueFd(openat(directory_fd(), "dict", kFlags | O_APPEND, 0600));
  clients_fd_ = UniqueFd(openat(directory_fd(), "clients", kFlags | O_APPEND, 0600));
  const bool allocated = lock_fd_.is_open() && dictionary_fd_.is_open() && clients_fd_.is_open() &&
                         (errno = posix_fallocate(lock_fd_.get(), 0, kHeaderFileBytes)) == 0;
  struct flock whole = {};
  whole.l_type = F_WRLCK;
  // A lock of the process, not of the open file, which a forked child would share and keep.
  const bool is_locked = allocated && fcntl(lock_fd_.get(), F_SETLK, &whole) == 0;
  void* const mapped = is_locked ? mmap(nullptr, kHeaderFileBytes, PROT_READ | PROT_WRITE,
                                        MAP_SHARED, lock_fd_.get(), 0)
                                 : MAP_FAILED;
  if (mapped == MAP_FAILED) {
    error_ = reason("cannot use " + path_);
    remove_files();
    directory_fd_ = UniqueFd();
    return;
  }
  header_ = static_cast<SessionHeader*>(mapped);
  header_->abi = kSessionAbi;
  header_->header_bytes = sizeof(SessionHeader);
  std::memcpy(header_->id, id_.data(), id_.size());
  copy_text(header_->boot_id, sizeof header_->boot_id,
            read_line("/proc/sys/kernel/random/boot_id"));
  header_->pid = static_cast<std::uint32_t>(getpid());
  header_->uid = geteuid();
  timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  header_->started_ns = static_cast<std::int64_t>(now.tv_sec) * 1'000'000'000 + now.tv_nsec;
  copy_text(header_->app, sizeof header_->app, program_name());
  if (gethostname(header_->host, sizeof header_->host - 1) != 0) header_->host[0] = '\0';
  header_->magic = kSessionMagic;
}

std::string Session::id_text() const { return metlog::id_text(id_); }

void Session::append_site(const RegisteredSite& site) {
  if (dictionary_fd_.is_open()) append(dictionary_fd_, encode_entry(site));
}

SessionClient Session::append_client(const SessionClient& client) {
  const std::lock_guard lock(clients_mutex_);
  if (clients_fd_.is_open()) append(clients_fd_, encode_entry(client));
  return std::exchange(clients_[client.slot], client);
}

void Session::set_clock(const ClockLine& line) {
  if (header_ == nullptr) return;
  // relaxed: only the flusher stores it
  const std::uint32_t sequence = header_->clock_sequence.load(Order::kRelaxed);
  // release, all: pair with the recovering process, which acquires each of them; when the sequence
  // is even and unchanged around its reads, they belong together
  header_->clock_sequence.store(sequence + 1, Order::kRelease);
  header_->clock_base_ticks.store(line.base_ticks, Order::kRelease);
  header_->clock_base_ns.store(line.base_ns, Order::kRelease);
  header_->clock_ns_per_tick.store(line.ns_per_tick, Order::kRelease);
  header_->clock_sequence.store(sequence + 2, Order::kRelease);
}

void Session::remove_files() {
  if (!is_open() || getpid() != owner_pid_) return;
  if (header_ != nullptr) header_->state = SessionState::kDelivered;
  const int listing_fd = dup(directory_fd());
  DIR* const listing = listing_fd >= 0 ? fdopendir(listing_fd) : nullptr;
  if (listing != nullptr) {
    while (const dirent* const entry = readdir(listing)) {
      const bool is_session = std::strcmp(entry->d_name, "session") == 0;
      if (entry->d_name[0] != '.' && !is_session) unlinkat(directory_fd(), entry->d_name, 0);
    }
    closedir(listing);
    unlinkat(directory_fd(), "session", 0);  // last: who recovers sessions finds them by it
  }
  rmdir(path_.c_str());
}

namespace {

template <class T>
void put(std::string& out, T number) {
  char bytes[sizeof number];
  std::memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof bytes);
}

void put_text(std::string& out, const std::string& text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

std::string entry_of(const std::string& contents) {
  std::string entry;
  put(entry, static_cast<std::uint32_t>(contents.size()));
  put(entry, crc32c(reinterpret_cast<const unsigned char*>(contents.data()), contents.size()));
  return entry + contents;
}

}  // namespace

std::string encode_entry(const RegisteredSite& site) {
  std::string contents;
  put(contents, site.id);
  put(contents, static_cast<std::uint8_t>(site.kind));
  put(contents, static_cast<std::int8_t>(site.severity));
  put(contents, static_cast<std::uint16_t>(site.args.size()));
  put(contents, site.line);
  put_text(contents, site.text);
  put_text(contents, site.file);
  put_text(contents, site.function);
  for (const RegisteredArg& arg : site.args) {
    put(contents, static_cast<char>(arg.role));
    put(contents, arg.key_bytes);
    put_text(contents, arg.type);
  }
  return entry_of(contents);
}

std::string encode_entry(const SessionClient& client) {
  std::string contents;
  put(contents, client.slot);
  put(contents, client.format);
  put(contents, client.timer_resolution);
  put(contents, client.severity);
  put(contents, client.flags);
  put_text(contents, client.logger);
  put_text(contents, client.url);
  put(contents, static_cast<std::uint32_t>(client.streams.size()));
  for (const std::uint32_t stream : client.streams) put(contents, stream);
  const bool is_alone = !client.first_slot.has_value();
  const bool is_syslog_preset = is_alone && client.facility == SessionClient().facility &&
                                client.app.empty() && client.sd_id.empty() && client.prefix.empty();
  const bool is_preset =
      client.format_flags == 0 && client.pattern.empty() && client.add.empty() && is_syslog_preset;
  if (is_preset) return entry_of(contents);
  put(contents, client.format_flags);
  put_text(contents, client.pattern);
  put_text(contents, client.add);
  if (is_syslog_preset) return entry_of(contents);
  put(contents, client.facility);
  put_text(contents, client.app);
  put_text(contents, client.sd_id);
  put_text(contents, client.prefix);
  if (is_alone) return entry_of(contents);
  put(contents, *client.first_slot);
  put(contents, static_cast<std::uint32_t>(client.others.size()));
  for (const std::uint32_t other : client.others) put(contents, other);
  return entry_of(contents);
}

}  // namespace metlog
