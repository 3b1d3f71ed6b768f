#include "metlog/internal/engine/connect/destinations.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/base/diagnostic.h"
#include "metlog/internal/engine/connect/stand_in_sender.h"
#include "metlog/internal/engine/connect/url_factory.h"

namespace metlog {
namespace {

void say_no_destination(const OpenSlot& open, const absl::Status& why) {
  diagnose(
      "after fork() the client '%s' has no destination; its messages are lost, and counted as "
      "forked, until %s can be opened, which is tried once a second: %s",
      open.options.logger.c_str(), open.url.c_str(), std::string(why.message()).c_str());
}

/// The factory may be the program's and throw: no call of a child may.
absl::StatusOr<std::unique_ptr<Sender>> connect_again(const OpenSlot& open) {
  try {
    return open.connect();
  } catch (const std::exception& thrown) {
    return absl::InternalError(absl::StrCat("the sender's factory has thrown: ", thrown.what()));
  } catch (...) {
    return absl::InternalError("the sender's factory has thrown");
  }
}

}  // namespace

SessionClient describe(std::uint32_t slot, const OpenSlot& open, const Destination& destination) {
  const ClientOptions& options = open.options;
  SessionClient client;
  client.slot = slot;
  client.format = static_cast<std::uint8_t>(options.format.format());
  const FormatOptions& format = options.format.options();
  if (format.utc) client.format_flags |= SessionClient::kUtc;
  if (format.colors == Colors::kAlways) client.format_flags |= SessionClient::kColored;
  if (format.numbers) client.format_flags |= SessionClient::kNumbers;
  if (format.syslog_form == SyslogForm::kRfc3164) client.format_flags |= SessionClient::kRfc3164;
  if (format.syslog_form == SyslogForm::kRfc3164Local) {
    client.format_flags |= SessionClient::kRfc3164Local;
  }
  client.pattern = format.pattern;
  client.add = format.add;
  client.facility = static_cast<std::uint8_t>(format.facility);
  client.app = format.app;
  client.sd_id = format.sd_id;
  client.prefix = format.prefix;
  client.timer_resolution = static_cast<std::uint8_t>(options.timer_resolution);
  client.severity = static_cast<std::int8_t>(options.severity);
  if (!options.filters.empty()) client.flags |= SessionClient::kHasFilters;
  if (options.format.format() == MessageFormat::kOwn) client.flags |= SessionClient::kHasFormatter;
  if (options.stamped_by == StampedBy::kFlusher) client.flags |= SessionClient::kIsStampedHere;
  if (options.message_ids) client.flags |= SessionClient::kHasIds;
  client.first_slot = open.first_slot;
  client.others = open.others;
  client.logger = options.logger;
  client.url = destination.queue(0).sender().lasting_url();
  for (std::size_t i = 0; i < destination.queue_count(); ++i) {
    client.streams.push_back(destination.queue(i).stream().number);
  }
  return client;
}

std::shared_ptr<QueueThread> Destinations::thread_for(const SenderFactory& connect,
                                                      std::size_t index) {
  const auto* const url = connect.target<UrlFactory>();
  return url == nullptr ? nullptr : threads_.of(url->destination(), index);
}

std::unique_ptr<SendQueue> Destinations::queue_for(std::unique_ptr<Sender> sender,
                                                   const ClientOptions& options,
                                                   std::shared_ptr<QueueThread> thread) {
  constexpr std::size_t kMostBatches = 65536;
  const std::size_t held = (sender->hold_bytes() + options.batch_bytes - 1) / options.batch_bytes;
  // relaxed: a number that must only be unique
  const std::uint32_t number = next_stream_.fetch_add(1, std::memory_order_relaxed);
  return std::make_unique<SendQueue>(
      std::move(sender),
      SendQueue::Options{options.batch_bytes,
                         std::max(options.batch_count, std::min(held, kMostBatches)),
                         {options_.session, number},
                         options_.directory_fd,
                         options_.thread,
                         std::move(thread)});
}

absl::StatusOr<std::unique_ptr<Destination>> Destinations::started(
    std::vector<std::unique_ptr<SendQueue>> queues, const ClientOptions& options) const {
  auto destination = std::make_unique<Destination>(std::move(queues), options.message_ids);
  absl::Status status;
  if (options_.have_threads) status = destination->start();
  if (!status.ok()) return status;
  return destination;
}

absl::StatusOr<std::unique_ptr<Destination>> Destinations::make(const SenderFactory& connect,
                                                                const ClientOptions& options) {
  std::vector<std::unique_ptr<SendQueue>> queues;
  for (std::size_t i = 0; i < options.pool_size; ++i) {
    absl::StatusOr<std::unique_ptr<Sender>> sender = connect();
    if (!sender.ok()) return sender.status();
    queues.push_back(queue_for(*std::move(sender), options, thread_for(connect, i)));
  }
  return started(std::move(queues), options);
}

absl::StatusOr<std::unique_ptr<Destination>> Destinations::make(std::unique_ptr<Sender> sender,
                                                                const ClientOptions& options) {
  std::vector<std::unique_ptr<SendQueue>> queues;
  queues.push_back(queue_for(std::move(sender), options, nullptr));
  return started(std::move(queues), options);
}

std::unique_ptr<Destination> Destinations::make_again(const OpenSlot& open) {
  absl::Status failure;
  std::vector<std::unique_ptr<SendQueue>> queues;
  const auto one_at_a_time = std::make_shared<std::mutex>();
  const std::size_t count = open.connect == nullptr ? 1 : open.options.pool_size;
  for (std::size_t i = 0; i < count; ++i) {
    std::unique_ptr<Sender> sender;
    if (open.connect != nullptr && failure.ok()) {
      absl::StatusOr<std::unique_ptr<Sender>> made = connect_again(open);
      failure = made.status();
      if (made.ok()) sender = *std::move(made);
    }
    if (sender == nullptr) {
      sender = std::make_unique<StandInSender>(StandInSender::Lost{
          open.connect, one_at_a_time, open.options.logger, open.url, open.handover});
    }
    queues.push_back(queue_for(std::move(sender), open.options, thread_for(open.connect, i)));
  }
  if (!failure.ok()) say_no_destination(open, failure);
  return std::make_unique<Destination>(std::move(queues), open.options.message_ids);
}

}  // namespace metlog
