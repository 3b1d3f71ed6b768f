#include "senders/socket/unix_datagram_sender.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>

#include "absl/strings/str_cat.h"

namespace metlog {

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
    return false;
  }
  fd_ = std::move(fd);
  return true;
}

SendResult UnixDatagramSender::send(Batch& batch) {
  while (!batch.is_done()) {
    if (!connect()) return wait_or_lose(batch);
    const std::string_view message = batch.message(0);
    if (message.size() > options_.max_datagram) {
      batch.lose_message(LossReason::kTooLong);
      continue;
    }
    if (::send(fd_.get(), message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT) >= 0) {
      batch.take_messages(1);
      hold_.rearm();
    } else if (errno == EMSGSIZE) {
      batch.lose_message(LossReason::kTooLong);
    } else if (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM) {
      return SendResult::kBusy;
    } else if (errno != EINTR) {
      fd_ = UniqueFd();  // the reader has gone; one that comes after it has another socket
      return wait_or_lose(batch);
    }
  }
  return SendResult::kSent;
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
