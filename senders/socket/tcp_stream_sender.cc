#include "senders/socket/tcp_stream_sender.h"

#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <thread>

#include "metlog/internal/flush/last_trouble.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/number_text.h"

namespace metlog {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kFramesPerCall = 64;
constexpr milliseconds kFirstPause{20};
constexpr milliseconds kMaxPause{1000};
constexpr milliseconds kConnectLimit{5000};
constexpr milliseconds kPoll{1};
constexpr unsigned kUserTimeoutMs = 60'000;

std::size_t digit_count(std::size_t number) {
  std::size_t count = 1;
  for (; number >= 10; number /= 10) ++count;
  return count;
}

void set_option(int fd, int level, int option, int value) {
  ::setsockopt(fd, level, option, &value, sizeof value);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Sender>> TcpStreamSender::open(Options options) {
  std::unique_ptr<TcpStreamSender> sender(new TcpStreamSender(std::move(options)));
  absl::StatusOr<Addresses> addresses = sender->lookup_.first(sender->url());
  if (!addresses.ok()) return addresses.status();
  sender->addresses_ = *std::move(addresses);
  sender->address_ = sender->addresses_.get();
  sender->connect();
  return sender;
}

TcpStreamSender::TcpStreamSender(Options options)
    : options_(std::move(options)),
      lookup_(options_.target, SOCK_STREAM, options_.resolve),
      hold_(options_.hold) {}

std::size_t TcpStreamSender::frame_bytes(std::string_view message) const {
  const std::size_t extra =
      options_.framing == StreamFraming::kNewline ? 1 : digit_count(message.size()) + 1;
  return message.size() + extra;
}

SendResult TcpStreamSender::send(Batch& batch) {
  if (is_last_held_) {
    window_.push_back(&batch);
    is_last_held_ = false;
  }
  advance();
  const bool is_in_window = !window_.empty() && window_.back() == &batch;
  if (!is_in_window) {
    is_last_held_ = true;
    return batch.lost().total() == 0 ? SendResult::kSent : SendResult::kLost;
  }
  if (place_.batch < window_.size()) return SendResult::kBusy;
  is_last_held_ = true;
  return SendResult::kHeld;
}

/// Does all that can be done without waiting.
void TcpStreamSender::advance() {
  if (state_ == State::kDown && Clock::now() >= next_try_) connect();
  if (state_ == State::kConnecting) await_connection();
  if (state_ == State::kUp) note_peer();
  if (state_ == State::kUp) write();
  if (state_ == State::kUp) settle();
  if (state_ != State::kUp && !window_.empty() && !hold_.lasts()) lose_window();
}

void TcpStreamSender::connect() {
  constexpr int kFlags = SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK;
  fd_ = UniqueFd(::socket(address_->ai_family, kFlags, 0));
  if (!fd_.is_open()) return disconnect();
  set_option(fd_.get(), IPPROTO_TCP, TCP_NODELAY, 1);
  set_option(fd_.get(), SOL_SOCKET, SO_KEEPALIVE, 1);
  set_option(fd_.get(), IPPROTO_TCP, TCP_USER_TIMEOUT, kUserTimeoutMs);
  if (::connect(fd_.get(), address_->ai_addr, address_->ai_addrlen) != 0 && errno != EINPROGRESS) {
    note_trouble("connect", errno);
    return disconnect();
  }
  state_ = State::kConnecting;
  next_try_ = Clock::now() + kConnectLimit;
}

void TcpStreamSender::await_connection() {
  pollfd entry{fd_.get(), POLLOUT, 0};
  if (::poll(&entry, 1, 0) == 0) {
    if (Clock::now() < next_try_) return;
    note_trouble("connect", ETIMEDOUT);
    return disconnect();
  }
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) {
    note_trouble("connect", error);
    return disconnect();
  }
  state_ = State::kUp;
  counts_.note_connected();
  pause_ = milliseconds(0);
  written_ = confirmed_ = 0;
  place_ = {0, window_.empty() ? 0 : window_.front()->index(), 0};
}

/// Goes on to the next address after a pause. What was written and not confirmed is written again.
void TcpStreamSender::disconnect() {
  fd_ = UniqueFd();
  if (state_ == State::kUp) {
    counts_.note_disconnected();
  } else {
    counts_.note_failed();
  }
  state_ = State::kDown;
  turn();
  pause_ = std::clamp(pause_ * 2, kFirstPause, kMaxPause);
  next_try_ = Clock::now() + pause_;
}

/// Goes on to the next address, and after the last to what the name has now.
void TcpStreamSender::turn() {
  address_ = address_->ai_next;
  if (address_ != nullptr) return;
  if (Addresses found = lookup_.after_failure(Clock::now()); found != nullptr) {
    counts_.note_resolved();
    addresses_ = std::move(found);
  }
  address_ = addresses_.get();
}

/// Notices that the peer has closed the connection; reads over what it says.
void TcpStreamSender::note_peer() {
  std::array<char, 512> ignored;
  for (;;) {
    const ssize_t bytes = ::recv(fd_.get(), ignored.data(), ignored.size(), MSG_DONTWAIT);
    if (bytes > 0) continue;
    if (bytes < 0 && (errno == EAGAIN || errno == EINTR)) return;
    note_trouble("keep the connection", bytes < 0 ? errno : EPIPE);
    settle();
    return disconnect();
  }
}

void TcpStreamSender::write() {
  while (state_ == State::kUp && place_.batch < window_.size() && write_some()) {
  }
}

/// Writes up to kFramesPerCall frames of a batch; false when the connection takes no more.
bool TcpStreamSender::write_some() {
  const Batch& batch = *window_[place_.batch];
  std::array<iovec, 2 * kFramesPerCall> parts;
  std::array<std::array<char, kMaxIntBytes + 1>, kFramesPerCall> heads;
  const std::size_t count = std::min(kFramesPerCall, batch.count() - place_.message);
  std::size_t used = 0;
  std::size_t skipped = place_.offset;
  const auto add = [&](const char* begin, std::size_t bytes) {
    const std::size_t skip = std::min(skipped, bytes);
    skipped -= skip;
    if (skip != bytes) parts[used++] = {const_cast<char*>(begin + skip), bytes - skip};
  };
  for (std::size_t i = 0; i < count; ++i) {
    const std::string_view message = batch.message_at(place_.message + i);
    if (options_.framing == StreamFraming::kNewline) {
      add(message.data(), message.size() + 1);  // its newline follows it in the batch
      continue;
    }
    char* const end = append_uint(heads[i].data(), message.size());
    *end = ' ';
    add(heads[i].data(), static_cast<std::size_t>(end + 1 - heads[i].data()));
    add(message.data(), message.size());
  }
  msghdr header{};
  header.msg_iov = parts.data();
  header.msg_iovlen = used;
  const ssize_t bytes = ::sendmsg(fd_.get(), &header, MSG_NOSIGNAL | MSG_DONTWAIT);
  if (bytes < 0 && errno == EINTR) return true;
  if (bytes < 0 && (errno == EAGAIN || errno == ENOBUFS || errno == ENOMEM)) return false;
  if (bytes < 0) {
    note_trouble("send", errno);
    settle();
    disconnect();
    return false;
  }
  pass_written(static_cast<std::size_t>(bytes));
  return true;
}

void TcpStreamSender::pass_written(std::size_t bytes) {
  written_ += bytes;
  place_.offset += bytes;
  const Batch& batch = *window_[place_.batch];
  while (place_.message < batch.count()) {
    const std::size_t frame = frame_bytes(batch.message_at(place_.message));
    if (place_.offset < frame) return;
    place_.offset -= frame;
    ++place_.message;
  }
  place_ = {place_.batch + 1, 0, 0};
}

/// Takes the messages that the peer's kernel has confirmed.
void TcpStreamSender::settle() {
  int waiting = 0;
  if (::ioctl(fd_.get(), SIOCOUTQ, &waiting) != 0) return;
  const std::uint64_t arrived =
      written_ - std::min(written_, static_cast<std::uint64_t>(std::max(waiting, 0)));
  const std::uint64_t before = confirmed_;
  while (!window_.empty()) {
    Batch& batch = *window_.front();
    while (!batch.is_done()) {
      const std::size_t frame = frame_bytes(batch.message(0));
      if (confirmed_ + frame > arrived) break;
      confirmed_ += frame;
      batch.take_messages(1);
    }
    if (!batch.is_done()) break;
    forget_done();
  }
  if (confirmed_ != before) hold_.rearm();
}

/// Removes the first batch of the window, which is done.
void TcpStreamSender::forget_done() {
  const bool is_held = window_.size() > 1 || is_last_held_;
  if (is_held) settled_.push_back(window_.front());
  window_.pop_front();
  if (place_.batch > 0) --place_.batch;
}

void TcpStreamSender::lose_window() {
  while (!window_.empty()) {
    window_.front()->lose_rest(LossReason::kNoReceiver);
    forget_done();
  }
}

Batch* TcpStreamSender::take_settled() {
  if (settled_.empty()) return nullptr;
  Batch* const batch = settled_.front();
  settled_.pop_front();
  return batch;
}

void TcpStreamSender::abandon() {
  window_.clear();
  settled_.clear();
  is_last_held_ = true;
  fd_ = UniqueFd();
  if (state_ == State::kUp) counts_.note_closed();
  state_ = State::kDown;
}

std::chrono::nanoseconds TcpStreamSender::idle() {
  advance();
  if (!window_.empty()) return kPoll;
  return state_ == State::kUp ? std::chrono::nanoseconds::max() : kMaxPause;
}

bool TcpStreamSender::flush(std::chrono::nanoseconds limit) {
  const Clock::time_point end = Clock::now() + std::max(limit, limit.zero());
  while (true) {
    advance();
    if (window_.empty() || Clock::now() >= end) return window_.empty();
    std::this_thread::sleep_for(kPoll);
  }
}

}  // namespace metlog
