#include "senders/zmq/zmq_connection.h"

#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <zmq.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <ctime>

#include "absl/strings/str_cat.h"
#include "senders/zmq/zmq_addresses.h"
#include "senders/zmq/zmq_socket.h"

namespace metlog {
namespace {

constexpr int kEvents = ZMQ_EVENT_CONNECTED | ZMQ_EVENT_HANDSHAKE_SUCCEEDED |
                        ZMQ_EVENT_CONNECT_RETRIED | ZMQ_EVENT_DISCONNECTED;
constexpr std::int64_t kMaxSubscription = 64 * 1024;
/// Followed by a number; no process can listen there.
constexpr std::string_view kNowhere = "ipc:///dev/null/metlog-";

struct Frame {
  Frame() { ::zmq_msg_init(&message); }
  ~Frame() { ::zmq_msg_close(&message); }
  Frame(const Frame&) = delete;
  Frame& operator=(const Frame&) = delete;
  bool receive(void* socket) { return ::zmq_msg_recv(&message, socket, ZMQ_DONTWAIT) >= 0; }
  [[nodiscard]] std::string_view bytes() {
    return {static_cast<const char*>(::zmq_msg_data(&message)), ::zmq_msg_size(&message)};
  }
  /// False also when libzmq does not say.
  [[nodiscard]] bool is_from_reader() const {
    const char* const type = ::zmq_msg_gets(&message, "Socket-Type");
    return type != nullptr && std::string_view(type) == "SUB";
  }
  zmq_msg_t message;
};

/// With a ZAP domain, of which no handler knows, libzmq refuses peers that speak ZMTP 1 or 2. Any
/// server whose answer does not begin with 0xFF passes for one: libzmq invents a subscription for
/// it, so that what is sent to it counts as taken, and aborts the process if the socket is being
/// closed then (4.3.4, zmtp_engine.cpp, process_routing_id_msg()).
bool refuse_old_peers(ZmqSocket& socket) {
  constexpr std::string_view kDomain = "metlog";
  return ::zmq_setsockopt(socket.get(), ZMQ_ZAP_DOMAIN, kDomain.data(), kDomain.size()) == 0;
}

bool prepare(ZmqSocket& socket, const std::string& endpoint,
             const ZmqConnection::Options& options) {
  // NODROP makes a full queue an error instead of a silent loss. VERBOSE passes on what a peer that
  // comes back subscribes to, though libzmq has it already.
  return socket.set(ZMQ_XPUB_NODROP, 1) && socket.set(ZMQ_XPUB_VERBOSE, 1) &&
         socket.set(ZMQ_SNDHWM, options.hwm) && socket.set(ZMQ_LINGER, 0) &&
         set_link(socket, options.link) && socket.set(ZMQ_IPV6, is_ipv6(endpoint)) &&
         refuse_old_peers(socket) &&
         ::zmq_setsockopt(socket.get(), ZMQ_MAXMSGSIZE, &kMaxSubscription,
                          sizeof kMaxSubscription) == 0;
}

/// A unique name for a monitor, since all share one context.
std::string monitor_name() {
  static std::atomic<std::uint64_t> count{0};
  // relaxed: only to be different
  return absl::StrCat("inproc://metlog-monitor-", count.fetch_add(1, std::memory_order_relaxed));
}

}  // namespace

absl::StatusOr<std::unique_ptr<ZmqConnection>> ZmqConnection::open(const std::string& endpoint,
                                                                   const Options& options) {
  absl::StatusOr<std::shared_ptr<ZmqContext>> context = ZmqContext::acquire();
  if (!context.ok()) return context.status();
  ZmqSocket socket(*context, ZMQ_XPUB);
  ZmqSocket monitor(*context, ZMQ_PAIR);
  if (!socket.is_open() || !monitor.is_open()) return zmq_status("cannot make a ZeroMQ socket");
  std::unique_ptr<ZmqConnection> connection(
      new ZmqConnection(std::move(socket), std::move(monitor), *options.counts));
  if (!connection->set_up(endpoint, options)) return zmq_status("cannot set up a ZeroMQ socket");
  if (::zmq_connect(connection->socket(), endpoint.c_str()) != 0) {
    return zmq_status(absl::StrCat("ZeroMQ cannot connect to '", endpoint, "'"));
  }
  return connection;
}

ZmqConnection::ZmqConnection(ZmqSocket socket, ZmqSocket monitor, LiveConnectionCounts& counts)
    : socket_(std::move(socket)), monitor_(std::move(monitor)), counts_(counts) {}

ZmqConnection::~ZmqConnection() {
  if (is_up_) counts_.note_closed();
  end_monitoring();
}

bool ZmqConnection::set_up(const std::string& endpoint, const Options& options) {
  const std::string name = monitor_name();
  // An unlimited queue: at its mark the monitor would stop libzmq's own thread.
  return prepare(socket_, endpoint, options) && monitor_.set(ZMQ_RCVHWM, 0) &&
         ::zmq_socket_monitor(socket_.get(), name.c_str(), kEvents) == 0 &&
         ::zmq_connect(monitor_.get(), name.c_str()) == 0;
}

// If a monitor is closed while the socket is still monitored, libzmq's thread waits for it when it
// ends the socket, and with it the end of every other socket of the context.
void ZmqConnection::end_monitoring() {
  if (!socket_.is_open() || context().is_foreign()) return;
  ::zmq_socket_monitor(socket_.get(), nullptr, 0);
}

bool ZmqConnection::has_subscriber() {
  subscriptions_.begin_look();
  while (read_event()) {
  }
  read_subscriptions();
  // What the peer before asked for is heard from the greeting on. The kernel of a stopped process
  // connects, too.
  return is_up_ && subscriptions_.is_heard();
}

// XPUB is always ready for ZMQ_POLLOUT, so zmq_poll() would not wait.
void ZmqConnection::wait_for_news(std::chrono::nanoseconds limit) {
  int fd = -1;
  std::size_t size = sizeof fd;
  ::zmq_getsockopt(socket_.get(), ZMQ_FD, &fd, &size);
  pollfd news{fd, POLLIN, 0};
  const timespec time = {0, static_cast<long>(limit.count())};
  ::ppoll(&news, 1, &time, nullptr);
  int events = 0;  // asking for them takes the news
  size = sizeof events;
  ::zmq_getsockopt(socket_.get(), ZMQ_EVENTS, &events, &size);
}

void ZmqConnection::read_subscriptions() {
  while (true) {
    Frame frame;
    if (!frame.receive(socket_.get())) return;
    if (frame.bytes().empty()) continue;
    const std::string_view topic = frame.bytes().substr(1);
    if (frame.bytes()[0] == 1) subscriptions_.add(topic, frame.is_from_reader());
    if (frame.bytes()[0] == 0) subscriptions_.remove(topic);
  }
}

bool ZmqConnection::read_event() {
  Frame event;
  Frame address;
  if (!event.receive(monitor_.get()) || event.bytes().size() < 6) return false;
  address.receive(monitor_.get());
  std::uint16_t kind = 0;
  std::int32_t value = 0;
  std::memcpy(&kind, event.bytes().data(), sizeof kind);
  std::memcpy(&value, event.bytes().data() + sizeof kind, sizeof value);
  if (kind == ZMQ_EVENT_CONNECTED) {
    peer_fd_ = value;
    subscriptions_.connected();
    has_failed_ = false;
    gone_since_.reset();
  }
  if (kind == ZMQ_EVENT_HANDSHAKE_SUCCEEDED) {
    is_up_ = true;
    counts_.note_connected();
  }
  if (kind == ZMQ_EVENT_CONNECT_RETRIED) note_retry(address.bytes());
  if (kind == ZMQ_EVENT_DISCONNECTED) note_end();
  return true;
}

void ZmqConnection::note_retry(std::string_view address) {
  if (address == pass_) end_pass();
  if (address.rfind(kNowhere, 0) == 0) return;
  // libzmq reports the first after a connection's end, too.
  if (!gone_since_.has_value()) counts_.note_failed();
  has_failed_ = true;
  gone_since_.reset();
}

void ZmqConnection::note_end() {
  if (is_up_) {
    counts_.note_disconnected();
  } else {
    counts_.note_refused();
  }
  is_up_ = false;
  peer_fd_ = -1;
  subscriptions_.disconnected();
  gone_since_ = std::chrono::steady_clock::now();
  account_.has_lost_peer = account_.has_lost_peer || account_.has_sent;
}

bool ZmqConnection::has_ended() const {
  constexpr std::chrono::seconds kRetriesWithin{1};  // in fact at once
  return gone_since_.has_value() &&
         std::chrono::steady_clock::now() - *gone_since_ >= kRetriesWithin;
}

bool ZmqConnection::is_kernel_queue_empty() const {
  int unread = 0;
  return peer_fd_ >= 0 && ::ioctl(peer_fd_, SIOCOUTQ, &unread) == 0 && unread == 0;
}

void ZmqConnection::note_sent() {
  if (account_.reported_loss) account_.has_lost_peer = account_.reported_loss = false;
  account_.has_sent = true;
  flush_step_ = 0;
}

void ZmqConnection::begin_pass() {
  pass_ = absl::StrCat(absl::string_view(kNowhere.data(), kNowhere.size()), ++pass_count_);
  ::zmq_connect(socket_.get(), pass_.c_str());
}

void ZmqConnection::end_pass() {
  ::zmq_disconnect(socket_.get(), pass_.c_str());
  pass_.clear();
}

// libzmq's thread frees a frame when it copies it into its output, and then writes that, both in
// one pass of its loop. What a full kernel buffer did not take, below 8 KiB, it writes in the pass
// after there is room. A connection to nowhere fails in a pass of its own, so it shows that the
// pass before is over.
bool ZmqConnection::advance_flush() {
  constexpr int kEmptied = 1;  // the kernel's queue must be empty before this step's pass
  constexpr int kLast = 3;
  if (!pass_.empty()) return false;
  if (flush_step_ == kEmptied && !is_kernel_queue_empty()) return false;
  if (flush_step_ == kLast) return is_kernel_queue_empty();
  begin_pass();
  ++flush_step_;
  return false;
}

bool ZmqConnection::poll_flushed(bool queue_is_read) {
  has_subscriber();
  if (account_.has_lost_peer) {
    account_.reported_loss = true;
    return false;
  }
  if (!account_.has_sent) return true;
  if (!queue_is_read || !advance_flush()) return false;
  account_.has_sent = false;
  return true;
}

}  // namespace metlog
