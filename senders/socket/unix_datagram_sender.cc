#include "senders/socket/unix_datagram_sender.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "metlog/internal/flush/last_trouble.h"

namespace metlog {
namespace {

/// A file in memory that has the message and that nobody can change any more, as the journal wants
/// it; closed when the system refuses one.
UniqueFd sealed_file(std::string_view message) {
  constexpr int kSeals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
  UniqueFd file(::memfd_create("metlog-message", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  while (file.is_open() && !message.empty()) {
    const ssize_t bytes = ::write(file.get(), message.data(), message.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) return {};
    message.remove_prefix(static_cast<std::size_t>(bytes));
  }
  if (file.is_open() && ::fcntl(file.get(), F_ADD_SEALS, kSeals) != 0) return {};
  return file;
}

}  // namespace

absl::Status UnixDatagramSender::check(const Options& options) {
  constexpr std::size_t kMaxPath = sizeof(sockaddr_un::sun_path) - 1;
  if (options.path.empty() || options.path.size() > kMaxPath ||
      options.path.find('\0') != std::string::npos) {
    return absl::InvalidArgumentError(
        absl::StrCat("socket path '", options.path, "' has ", options.path.size(),
                     " bytes; write one of 1 to ", kMaxPath, ", such as /dev/log"));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::unique_ptr<Sender>> UnixDatagramSender::open(Options options) {
  if (absl::Status status = check(options); !status.ok()) return status;
  return std::unique_ptr<Sender>(new UnixDatagramSender(std::move(options)));
}

UnixDatagramSender::UnixDatagramSender(Options options)
    : options_(std::move(options)),
      url_(options_.url.empty() ? "unix://" + options_.path : options_.url),
      hold_(options_.hold) {}

bool UnixDatagramSender::connect() {
  if (fd_.is_open()) return true;
  UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.is_open()) return false;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, options_.path.data(), options_.path.size());
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    note_trouble("connect", errno);
    return false;
  }
  fd_ = std::move(fd);
  return true;
}

SendResult UnixDatagramSender::send(Batch& batch) {
  while (!batch.is_done()) {
    if (!connect()) return wait_or_lose(batch);
    const bool is_journal = options_.protocol == Protocol::kJournal;
    const int error = send_one(is_journal ? batch.lines(0, 1) : batch.message(0));
    if (error == 0) {
      batch.take_messages(1);
      hold_.rearm();
    } else if (error == EMSGSIZE) {
      batch.lose_message(is_journal ? LossReason::kRefused : LossReason::kTooLong);
    } else if (error == EAGAIN || error == ENOBUFS || error == ENOMEM) {
      return SendResult::kBusy;
    } else if (error != EINTR) {
      note_trouble("send", error);
      fd_ = UniqueFd();  // the reader has gone; one that comes after it has another socket
      return wait_or_lose(batch);
    }
  }
  return SendResult::kSent;
}

int UnixDatagramSender::send_one(std::string_view message) const {
  constexpr int kFlags = MSG_NOSIGNAL | MSG_DONTWAIT;
  if (message.size() <= options_.max_datagram) {
    if (::send(fd_.get(), message.data(), message.size(), kFlags) >= 0) return 0;
    if (errno != EMSGSIZE) return errno;
  }
  if (options_.protocol == Protocol::kPlain) return EMSGSIZE;
  const UniqueFd file = sealed_file(message);
  if (!file.is_open()) return EMSGSIZE;
  const int descriptor = file.get();
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof descriptor)> control{};
  msghdr header{};
  header.msg_control = control.data();
  header.msg_controllen = control.size();
  cmsghdr* const rights = CMSG_FIRSTHDR(&header);
  rights->cmsg_level = SOL_SOCKET;
  rights->cmsg_type = SCM_RIGHTS;
  rights->cmsg_len = CMSG_LEN(sizeof descriptor);
  std::memcpy(CMSG_DATA(rights), &descriptor, sizeof descriptor);
  return ::sendmsg(fd_.get(), &header, kFlags) < 0 ? errno : 0;
}

SendResult UnixDatagramSender::wait_or_lose(Batch& batch) {
  if (hold_.lasts()) return SendResult::kBusy;
  batch.lose_rest(LossReason::kNoReceiver);
  return SendResult::kLost;
}

absl::StatusOr<UnixDatagramSender::Options> local_options(const Url& url,
                                                          const std::string& preset) {
  constexpr std::int64_t kMaxDatagram = std::int64_t{16} << 20;
  if (!url.authority.empty() || (!url.path.empty() && url.path.front() != '/')) {
    return absl::InvalidArgumentError(absl::StrCat(
        "'", url.text, "' is no path that begins with a slash; write ", url.scheme, ":", preset));
  }
  UrlOptions options(url);
  UnixDatagramSender::Options local{url.path.empty() ? preset : url.path};
  local.url = url.text;
  local.hold = options.milliseconds("hold_ms", local.hold.count());
  const std::int64_t max = options.number("max_datagram", {1, kMaxDatagram, 0});
  if (max != 0) local.max_datagram = static_cast<std::size_t>(max);
  if (absl::Status status = options.status(); !status.ok()) return status;
  if (absl::Status status = UnixDatagramSender::check(local); !status.ok()) return status;
  return local;
}

}  // namespace metlog
