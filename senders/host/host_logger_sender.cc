#include "senders/host/host_logger_sender.h"

#include <syslog.h>

#include <algorithm>
#include <chrono>
#include <climits>
#include <optional>
#include <utility>

#include "metlog/internal/config/json_writer.h"
#include "metlog/internal/provider/host_echo.h"
#include "metlog/providers.h"

namespace metlog {
namespace {

// Longest time in send(): a slow library must not delay closing.
constexpr std::chrono::milliseconds kMaxSend{100};

}  // namespace

HostLoggerSender::HostLoggerSender(Parts parts)
    : parts_(std::move(parts)), url_("logger:" + parts_.name) {}

SendResult HostLoggerSender::send(Batch& batch) {
  const auto end = std::chrono::steady_clock::now() + kMaxSend;
  while (!batch.is_done()) {
    if (std::chrono::steady_clock::now() >= end) return SendResult::kBusy;
    if (log_envelope(batch.message(0), batch.origin())) {
      batch.take_messages(1);
    } else {
      batch.lose_message(LossReason::kRefused);
    }
  }
  return SendResult::kSent;
}

bool HostLoggerSender::flush(std::chrono::nanoseconds limit) {
  try {
    return parts_.logger->flush == nullptr || parts_.logger->flush(limit);
  } catch (...) {
    // Whatever the library throws, it has not confirmed.
    return false;
  }
}

bool HostLoggerSender::log_envelope(std::string_view envelope, Batch::Origin origin) {
  const std::optional<Message> message = reader_.read(envelope, 0, {});
  if (!message.has_value()) return false;
  try {
    if (parts_.payload_types.has(message->type())) {
      const std::string* const text = message->payload().as_text();
      log(message->severity(), text != nullptr ? *text : to_json(message->payload()));
      return true;
    }
    if (origin == Batch::Origin::kUser && !parts_.json_types.has(message->type())) return false;
    log(message->severity(), envelope);
    return true;
  } catch (...) {
    // Whatever the library throws: the caller returned long ago, so the ledger reports the loss.
    return false;
  }
}

void HostLoggerSender::log(std::int64_t severity, std::string_view text) {
  const HostLevel level = host_level_of(severity);
  const HostEcho::Scope scope(level, text, parts_.logger->logs_later);
  parts_.logger->log({parts_.name, level, severity, text});
}

int syslog_priority(const HostRecord& record) {
  const bool is_syslogs = record.severity >= LOG_EMERG && record.severity <= LOG_DEBUG;
  return is_syslogs ? static_cast<int>(record.severity) : LOG_WARNING;
}

HostLogger syslog_logger() {
  return {.log = [](const HostRecord& record) {
    const auto length = static_cast<int>(std::min<std::size_t>(record.text.size(), INT_MAX));
    ::syslog(syslog_priority(record), "%.*s", length, record.text.data());
  }};
}

void add_host_loggers(ProviderTable<HostLogger>& table) {
  table.add("syslog", syslog_logger()).IgnoreError();
}

}  // namespace metlog
