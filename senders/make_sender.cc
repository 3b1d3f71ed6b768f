#include "metlog/make_sender.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "metlog/internal/base/standard_descriptors.h"
#include "metlog/internal/base/url.h"
#include "metlog/internal/flush/destination_url.h"
#include "senders/file/file_sender.h"
#include "senders/file/stream_senders.h"
#include "senders/reference/reference_senders.h"
#include "senders/sender/null_sender.h"
#include "senders/system/journald_sender.h"
#include "senders/system/syslog_sender.h"
#include "senders/udp/statsd_sender.h"
#include "senders/udp/udp_fan_out.h"
#include "senders/udp/udp_sender.h"
#include "senders/zmq/zmq_sender.h"
#include "senders/zmq/zmq_settings.h"

namespace metlog {
namespace {

using MadeSender = absl::StatusOr<std::unique_ptr<Sender>>;

absl::Status check_plain(const Url& url) {
  absl::Status status = UrlOptions(url).status();
  if (!status.ok()) return status;
  if (!url.authority.empty() || !url.path.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", url.text, "' says more than its scheme; write ", url.scheme, ":"));
  }
  return absl::OkStatus();
}

/// For senders that take nothing from their URL.
template <typename S>
MadeSender make_plain(const Url& url) {
  const absl::Status status = check_plain(url);
  if (!status.ok()) return status;
  return std::unique_ptr<Sender>(std::make_unique<S>());
}

MadeSender make_stdout(const Url& url) {
  const absl::Status status = check_plain(url);
  return status.ok() ? StdoutSender::open(STDOUT_FILENO) : status;
}

MadeSender make_stderr(const Url& url) {
  const absl::Status status = check_plain(url);
  return status.ok() ? StdoutSender::open(STDERR_FILENO) : status;
}

/// The destination of a client that is not configured yet.
MadeSender make_nosend(const Url& url) {
  const absl::Status status = check_plain(url);
  if (!status.ok()) return status;
  return std::unique_ptr<Sender>(std::make_unique<NoSendSender>(
      STDERR_FILENO,
      "this client has no destination yet, so its messages are refused and counted as lost; give "
      "it one by metlog::get_client(name, config), or by metlog::reconfigure(client, "
      "\"tcp://127.0.0.1:5565\"); see docs/configuration.md"));
}

MadeSender make_udp(const Url& url) {
  return UdpFanOut::is_meant_by(url) ? UdpFanOut::open(url) : UdpSender::open(url);
}

absl::Status check_udp(const Url& url) {
  return UdpFanOut::is_meant_by(url) ? UdpFanOut::settings_of(url).status() : UdpSender::check(url);
}

absl::Status check_zmq(const Url& url) { return zmq_settings(url).status(); }

struct Scheme {
  const char* name;
  MadeSender (*make)(const Url& url);
  absl::Status (*check)(const Url& url);
  std::optional<MessageFormat> format = std::nullopt;  // of messages, where there is one only
};
constexpr std::array kSchemes = {
    Scheme{"file", FileSender::open, FileSender::check},
    Scheme{"ipc", ZmqSender::open, check_zmq},
    Scheme{"journald", open_journald, check_journald_url, MessageFormat::kJournal},
    Scheme{"nosend", make_nosend, check_plain},
    Scheme{"null", make_plain<NullSender>, check_plain},
    Scheme{"statsd", open_statsd, check_statsd_url, MessageFormat::kStatsd},
    Scheme{"stderr", make_stderr, check_plain},
    Scheme{"stdout", make_stdout, check_plain},
    Scheme{"syslog", open_syslog, check_syslog_url, MessageFormat::kSyslog},
    Scheme{"syslog+tcp", open_syslog, check_syslog_url, MessageFormat::kSyslog},
    Scheme{"tcp", ZmqSender::open, check_zmq},
    Scheme{"udp", make_udp, check_udp},
    Scheme{"zmq+ipc", ZmqSender::open, check_zmq},
    Scheme{"zmq+tcp", ZmqSender::open, check_zmq},
};

std::string known_schemes() {
  std::string list;
  for (const Scheme& scheme : kSchemes) {
    absl::StrAppend(&list, list.empty() ? "" : ", ", scheme.name, ":");
  }
  return list;
}

/// The URL for a class name such as `metlog.senders.dev.StdOutSender`.
absl::StatusOr<std::string> url_of_class(const std::string& name) {
  const std::string dotted = absl::StrReplaceAll(name, {{":", "."}});
  const std::string last = dotted.substr(dotted.rfind('.') + 1);
  for (const ReferenceClass& known : reference_classes()) {
    if (last != known.name || known.url == nullptr) continue;
    if (!known.needs_arguments) return std::string(known.url);
    return absl::InvalidArgumentError(
        absl::StrCat("'", name, "' needs arguments; write its URL instead: ", known.url));
  }
  return absl::InvalidArgumentError(absl::StrCat("unknown sender class '", name,
                                                 "'; use metlog.senders.dev.StdOutSender or a ",
                                                 "URL that begins with one of ", known_schemes()));
}

absl::StatusOr<const Scheme*> scheme_of(const Url& url) {
  for (const Scheme& scheme : kSchemes) {
    if (url.scheme == scheme.name) return &scheme;
  }
  return absl::InvalidArgumentError(absl::StrCat("unknown scheme '", url.scheme, "' in '", url.text,
                                                 "'; known are ", known_schemes()));
}

bool is_class_name(const std::string& name) {
  return absl::StartsWith(name, "metlog.") || absl::StartsWith(name, "metlog:");
}

}  // namespace

absl::StatusOr<Url> sender_url(std::string_view name) {
  const std::string text(name);
  if (!is_class_name(text)) {
    absl::StatusOr<Url> url = parse_url(text);
    if (url.ok() && url->scheme == "file" && !url->path.empty()) {
      url->path = absolute_path(url->path);
    }
    return url;
  }
  const std::size_t options = std::min(text.find('?'), text.size());
  const absl::StatusOr<std::string> url = url_of_class(text.substr(0, options));
  if (!url.ok()) return url.status();
  return parse_url(absl::StrCat(*url, text.substr(options)));
}

std::optional<MessageFormat> format_of(const Url& url) {
  const absl::StatusOr<const Scheme*> scheme = scheme_of(url);
  return scheme.ok() ? (*scheme)->format : std::nullopt;
}

bool can_ask_for_batches(const Url& url) { return is_zmq(url); }

MadeSender make_sender(const Url& url) {
  keep_standard_descriptors();
  const absl::StatusOr<const Scheme*> scheme = scheme_of(url);
  return scheme.ok() ? (*scheme)->make(url) : scheme.status();
}

absl::Status check_sender(const Url& url) {
  const absl::StatusOr<const Scheme*> scheme = scheme_of(url);
  return scheme.ok() ? (*scheme)->check(url) : scheme.status();
}

MadeSender make_sender(std::string_view name) {
  const absl::StatusOr<Url> url = sender_url(name);
  return url.ok() ? make_sender(*url) : url.status();
}

}  // namespace metlog
