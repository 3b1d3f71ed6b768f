#include "senders/udp/udp_sender.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "metlog/internal/base/url.h"
#include "metlog/internal/flush/last_trouble.h"
#include "senders/sender/frame_slice.h"
#include "senders/udp/udp_socket.h"

namespace metlog {
namespace {

constexpr auto kMax = static_cast<std::int64_t>(kMaxDatagram);
/// Fits into Ethernet's 1,500 bytes together with the headers of IP, UDP and a tunnel.
constexpr std::int64_t kBatchedDatagram = 1400;
constexpr std::int64_t kMinBatchedDatagram = 128;
constexpr int kMaxLateErrors = 8;  // in one call

/// The kind of datagrams that the options ask for.
std::unique_ptr<Datagrams> make_datagrams(UrlOptions& options) {
  const bool batched = options.flag("batch");
  const bool segmented = options.flag("segment");
  options.only_if(batched, "segment", "batch=1");
  options.only_if(!batched, "pack", "no batch=1");
  const std::int64_t pack = options.number("pack", {1, kMax, 0});
  if (!batched && pack != 0) {
    return std::make_unique<PackedDatagrams>(static_cast<std::size_t>(pack));
  }
  if (!batched) {
    const std::int64_t max = options.number("max_datagram", {1, kMax, kMax});
    return std::make_unique<PlainDatagrams>(static_cast<std::size_t>(max));
  }
  const auto wanted = static_cast<std::size_t>(
      options.number("max_datagram", {kMinBatchedDatagram, kMax, kBatchedDatagram}));
  const DatagramLimits limits{wanted, options.has("max_datagram") ? wanted : kMaxDatagram};
  if (segmented) return std::make_unique<SegmentedDatagrams>(limits);
  return std::make_unique<BatchedDatagrams>(limits);
}

struct UdpSettings {
  HostAndPort target;
  std::unique_ptr<Datagrams> datagrams;
  int sndbuf;
};

absl::StatusOr<UdpSettings> settings_of(const Url& url) {
  UrlOptions options(url);
  std::unique_ptr<Datagrams> datagrams = make_datagrams(options);
  const auto sndbuf = static_cast<int>(options.number("sndbuf", {1, 1 << 30, 0}));
  if (!options.status().ok()) return options.status();
  absl::StatusOr<HostAndPort> target = host_and_port(url);
  if (!target.ok()) return target.status();
  return UdpSettings{*std::move(target), std::move(datagrams), sndbuf};
}

void lose(Batch& batch, std::size_t count, LossReason reason) {
  for (; count > 0; --count) batch.lose_message(reason);
}

}  // namespace

absl::Status UdpSender::check(const Url& url) { return settings_of(url).status(); }

absl::StatusOr<std::unique_ptr<Sender>> UdpSender::open(const Url& url) {
  absl::StatusOr<UdpSettings> settings = settings_of(url);
  if (!settings.ok()) return settings.status();
  absl::StatusOr<UdpTarget> peer = UdpTarget::open(settings->target, url.text, settings->sndbuf);
  if (!peer.ok()) return peer.status();
  return std::unique_ptr<Sender>(
      new UdpSender(url.text, *std::move(peer), std::move(settings->datagrams)));
}

absl::StatusOr<std::unique_ptr<Sender>> UdpSender::open(const HostAndPort& target, std::string url,
                                                        HostResolver resolve) {
  absl::StatusOr<UdpTarget> peer = UdpTarget::open(target, url, 0, resolve);
  if (!peer.ok()) return peer.status();
  return std::unique_ptr<Sender>(new UdpSender(std::move(url), *std::move(peer),
                                               std::make_unique<PlainDatagrams>(kMaxDatagram)));
}

UdpSender::UdpSender(std::string url, UdpTarget peer, std::unique_ptr<Datagrams> datagrams)
    : url_(std::move(url)), target_(std::move(peer)), datagrams_(std::move(datagrams)) {}

SendResult UdpSender::send(Batch& batch) {
  int late_errors = 0;
  late_refusals_ += target_.refresh(counts_);
  while (!batch.is_done()) {
    if (batch.message(0).size() > datagrams_->max_message_bytes()) {
      batch.lose_message(LossReason::kTooLong);
      continue;
    }
    // One at a time where the port is closed: the kernel takes no second one after an error.
    const auto [error, sent, datagrams, refused] =
        datagrams_->send(target_.fd(), batch, is_refused_ ? 1 : Datagrams::kMaxPerCall);
    if (is_udp_busy(error)) {
      counts_.note_no_room();
      return SendResult::kBusy;
    }
    const std::size_t refusals = target_.take_refusals();
    if (error == EMSGSIZE) {
      lose(batch, refused, LossReason::kTooLong);
    } else if (error != 0 && refusals != 0) {
      note_trouble("send", error);
      // About earlier datagrams; this one is not sent yet.
      late_refusals_ += refusals;
      target_.turn(counts_);
      if (++late_errors > kMaxLateErrors) return SendResult::kBusy;
    } else if (error != 0 && error != EINTR) {
      note_trouble("send", error);
      turn_or_lose(batch, refused);
    } else if (refusals >= datagrams && sent != 0) {
      note_trouble("send", ECONNREFUSED);
      is_refused_ = turn_or_lose(batch, sent);
    } else if (sent != 0) {
      is_refused_ = false;
      refused_in_turn_ = 0;
      late_refusals_ += refusals;
      take(batch, sent);
    }
  }
  return SendResult::kSent;
}

/// True when every address has refused what is at the cursor: then it is lost.
bool UdpSender::turn_or_lose(Batch& batch, std::size_t messages) {
  if (target_.turn(counts_)) {
    refused_in_turn_ = 0;
    return false;
  }
  if (++refused_in_turn_ < target_.address_count()) return false;
  refused_in_turn_ = 0;
  lose(batch, messages, LossReason::kRefused);
  return true;
}

/// Counts messages as sent; as many of them as lost as were counted wrongly before.
void UdpSender::take(Batch& batch, std::size_t count) {
  for (; late_refusals_ != 0 && count != 0; --count) {
    if (batch.origin() != Batch::Origin::kUser) {  // its loss is in no count, so it cannot pay
      batch.take_messages(1);
      continue;
    }
    --late_refusals_;
    batch.lose_message(LossReason::kRefused);
  }
  batch.take_messages(count);
}

bool UdpSender::flush(std::chrono::nanoseconds) {
  late_refusals_ += target_.take_refusals();
  return late_refusals_ == 0;
}

}  // namespace metlog

#ifndef UDP_SEGMENT  // glibc has it from 2.38 on; the kernel's number
#define UDP_SEGMENT 103
#endif

namespace metlog {

Datagrams::Outcome PlainDatagrams::send(int socket, const Batch& batch, std::size_t max_datagrams) {
  std::array<iovec, kMaxPerCall> parts;
  std::array<mmsghdr, kMaxPerCall> datagrams{};
  const std::size_t max = std::min(batch.remaining_count(), max_datagrams);
  unsigned count = 0;
  for (; count < max; ++count) {
    const std::string_view message = batch.message(count);
    if (message.size() > max_datagram_) break;
    parts[count] = {const_cast<char*>(message.data()), message.size()};
    datagrams[count].msg_hdr.msg_iov = &parts[count];
    datagrams[count].msg_hdr.msg_iovlen = 1;
  }
  const int result = ::sendmmsg(socket, datagrams.data(), count, MSG_NOSIGNAL);
  if (result < 0) return {.error = errno};
  const auto count_taken = static_cast<std::size_t>(result);
  return {.sent = count_taken, .datagrams = count_taken};
}

std::size_t PackedDatagrams::max_message_bytes() const { return kMaxDatagram; }

Datagrams::Outcome PackedDatagrams::send(int socket, const Batch& batch,
                                         std::size_t max_datagrams) {
  std::array<iovec, kMaxPerCall> parts;
  std::array<std::size_t, kMaxPerCall> counts;
  std::array<mmsghdr, kMaxPerCall> datagrams{};
  unsigned used = 0;
  std::size_t next = 0;
  for (; used < max_datagrams && next < batch.remaining_count(); ++used) {
    // The newline behind the last one is not sent.
    const std::size_t count = std::max<std::size_t>(batch.count_within(next, wanted_ + 1), 1);
    const std::string_view lines = batch.lines(next, count);
    if (lines.size() - 1 > kMaxDatagram) break;
    parts[used] = {const_cast<char*>(lines.data()), lines.size() - 1};
    datagrams[used].msg_hdr.msg_iov = &parts[used];
    datagrams[used].msg_hdr.msg_iovlen = 1;
    counts[used] = count;
    next += count;
  }
  const int result = ::sendmmsg(socket, datagrams.data(), used, MSG_NOSIGNAL);
  if (result < 0) return {.error = errno, .refused = counts[0]};
  Outcome outcome{.datagrams = static_cast<std::size_t>(result)};
  for (std::size_t i = 0; i < outcome.datagrams; ++i) outcome.sent += counts[i];
  return outcome;
}

std::size_t BatchedDatagrams::max_message_bytes() const {
  return limits_.max - FrameHeader::kBytes - 1;
}

Datagrams::Outcome BatchedDatagrams::send(int socket, const Batch& batch,
                                          std::size_t max_datagrams) {
  std::array<std::array<unsigned char, FrameHeader::kBytes>, kMaxPerCall> headers;
  std::array<std::array<iovec, 2>, kMaxPerCall> parts;
  std::array<std::size_t, kMaxPerCall> counts;
  std::array<mmsghdr, kMaxPerCall> datagrams{};
  unsigned used = 0;
  std::size_t next = 0;
  for (; used < max_datagrams && next < batch.remaining_count(); ++used) {
    const FrameSlice slice = slice_frame(batch, next, limits_.wanted);
    if (slice.bytes() > limits_.max) break;
    slice.write_header(headers[used].data());
    parts[used] = {iovec{headers[used].data(), FrameHeader::kBytes},
                   iovec{const_cast<char*>(slice.lines.data()), slice.lines.size()}};
    datagrams[used].msg_hdr.msg_iov = parts[used].data();
    datagrams[used].msg_hdr.msg_iovlen = parts[used].size();
    counts[used] = slice.header.count;
    next += slice.header.count;
  }
  const int result = ::sendmmsg(socket, datagrams.data(), used, MSG_NOSIGNAL);
  if (result < 0) return {.error = errno, .refused = counts[0]};
  Outcome outcome{.datagrams = static_cast<std::size_t>(result)};
  for (int i = 0; i < result; ++i) outcome.sent += counts[static_cast<std::size_t>(i)];
  return outcome;
}

namespace {

constexpr std::size_t kSegmentsPerCall = 64;

/// The frames of one call and their common length on the wire.
struct Segments {
  std::array<FrameSlice, kSegmentsPerCall> slices;
  std::size_t used = 0;
  std::size_t messages = 0;
  std::size_t segment_bytes = 0;
};

Segments cut_segments(const Batch& batch, const DatagramLimits& limits) {
  Segments segments;
  std::size_t longest = 0;
  while (segments.used < kSegmentsPerCall && segments.messages < batch.remaining_count()) {
    const FrameSlice slice = slice_frame(batch, segments.messages, limits.wanted);
    if (slice.bytes() > limits.wanted) break;
    const std::size_t longer = std::max(longest, slice.bytes());
    if (longer * segments.used + slice.bytes() > kMaxDatagram) break;
    longest = longer;
    segments.slices[segments.used++] = slice;
    segments.messages += slice.header.count;
  }
  segments.segment_bytes = longest;
  for (std::size_t i = 0; i + 1 < segments.used; ++i) segments.slices[i].pad_to(longest);
  return segments;
}

iovec padding_of(std::size_t bytes) {
  static const auto kSpaces = [] {
    std::array<char, kMaxDatagram> text;
    text.fill(' ');
    return text;
  }();
  return {const_cast<char*>(kSpaces.data()), bytes};
}

/// One sendmsg; 0 or an errno.
int send_segments(int socket, const Segments& segments) {
  std::array<std::array<unsigned char, FrameHeader::kBytes>, kSegmentsPerCall> headers;
  std::array<iovec, kSegmentsPerCall * 3> parts;
  std::size_t used = 0;
  for (std::size_t i = 0; i < segments.used; ++i) {
    const FrameSlice& slice = segments.slices[i];
    slice.write_header(headers[i].data());
    parts[used++] = {headers[i].data(), FrameHeader::kBytes};
    parts[used++] = {const_cast<char*>(slice.lines.data()), slice.lines.size()};
    if (slice.padding() > 0) parts[used++] = padding_of(slice.padding());
  }
  const auto bytes = static_cast<std::uint16_t>(segments.segment_bytes);
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof bytes)> control{};
  msghdr call{};
  call.msg_iov = parts.data();
  call.msg_iovlen = used;
  call.msg_control = control.data();
  call.msg_controllen = control.size();
  cmsghdr* const option = CMSG_FIRSTHDR(&call);
  option->cmsg_level = SOL_UDP;
  option->cmsg_type = UDP_SEGMENT;
  option->cmsg_len = CMSG_LEN(sizeof bytes);
  std::memcpy(CMSG_DATA(option), &bytes, sizeof bytes);
  return ::sendmsg(socket, &call, MSG_NOSIGNAL) < 0 ? errno : 0;
}

/// True for errors that say segmentation is not possible. EIO: the device cannot; EMSGSIZE: a
/// segment exceeds the path's MTU.
bool is_about_cutting(int error) {
  return error == EINVAL || error == ENOPROTOOPT || error == EIO || error == EOPNOTSUPP ||
         error == EMSGSIZE;
}

}  // namespace

Datagrams::Outcome SegmentedDatagrams::send(int socket, const Batch& batch,
                                            std::size_t max_datagrams) {
  if (!kernel_cuts_) return whole_.send(socket, batch, max_datagrams);
  if (max_datagrams == 1) return whole_.send(socket, batch, 1);
  const Segments segments = cut_segments(batch, limits_);
  if (segments.used < 2) return whole_.send(socket, batch, max_datagrams);
  const int error = send_segments(socket, segments);
  if (error == 0) return {.sent = segments.messages, .datagrams = 1};
  if (!is_about_cutting(error)) return {.error = error, .refused = segments.slices[0].header.count};
  kernel_cuts_ = false;
  return whole_.send(socket, batch, max_datagrams);
}

}  // namespace metlog
