#include "senders/system/journald_sender.h"

#include <utility>

#include "senders/socket/unix_datagram_sender.h"

namespace metlog {
namespace {

absl::StatusOr<UnixDatagramSender::Options> settings_of(const Url& url) {
  auto local = local_options(url, "/run/systemd/journal/socket");
  if (local.ok()) local->protocol = UnixDatagramSender::Protocol::kJournal;
  return local;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sender>> open_journald(const Url& url) {
  absl::StatusOr<UnixDatagramSender::Options> settings = settings_of(url);
  if (!settings.ok()) return settings.status();
  return UnixDatagramSender::open(*std::move(settings));
}

absl::Status check_journald_url(const Url& url) { return settings_of(url).status(); }

}  // namespace metlog
