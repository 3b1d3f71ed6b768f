#include "senders/zmq/zmq_handshake.h"

#include <zmq.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "senders/zmq/zmq_addresses.h"
#include "senders/zmq/zmq_socket.h"

namespace metlog {
namespace {

constexpr std::chrono::milliseconds kPollInterval{5};
constexpr std::int64_t kMaxAnswer = 64 * 1024;

/// With several addresses the question waits here for a connection (IMMEDIATE), and not at an
/// address that may be dead.
bool prepare(ZmqSocket& socket, const ZmqLink& link, bool has_several_addresses) {
  return set_link(socket, link) && socket.set(ZMQ_LINGER, 0) &&
         socket.set(ZMQ_IMMEDIATE, has_several_addresses ? 1 : 0) &&
         ::zmq_setsockopt(socket.get(), ZMQ_MAXMSGSIZE, &kMaxAnswer, sizeof kMaxAnswer) == 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<ZmqHandshake>> ZmqHandshake::open(const Options& options,
                                                                 TimePoint now) {
  std::unique_ptr<ZmqHandshake> handshake(new ZmqHandshake(options));
  const absl::Status status = handshake->ask(now);
  if (!status.ok()) return status;
  return handshake;
}

ZmqHandshake::State ZmqHandshake::poll(TimePoint now) {
  if (question_.is_open()) {
    send_question();
    // The content does not matter, and libzmq cuts it to the buffer.
    if (::zmq_recv(question_.get(), nullptr, 0, ZMQ_DONTWAIT) >= 0) {
      end_question(State::kAnswered, now);
    } else if (now >= answer_by_) {
      end_question(State::kSilent, now);
    }
  } else if (now >= next_question_ && !ask(now).ok()) {
    // A question that could not be asked does not change the state.
    end_question(state_, now);
  }
  return state_;
}

std::chrono::nanoseconds ZmqHandshake::until_next_poll(TimePoint now) const {
  if (question_.is_open()) return kPollInterval;
  return std::max<std::chrono::nanoseconds>(next_question_ - now, std::chrono::nanoseconds(0));
}

absl::Status ZmqHandshake::ask(TimePoint now) {
  absl::StatusOr<std::shared_ptr<ZmqContext>> context = ZmqContext::acquire();
  if (!context.ok()) return context.status();
  // One socket for each question: a REQ socket cannot ask again before an answer has come, and a
  // late answer must not count for the next question.
  ZmqSocket question(*context, ZMQ_REQ);
  const ZmqAddresses addresses(options_.endpoint);
  if (!question.is_open() || !prepare(question, options_.link, addresses.all().size() > 1)) {
    return zmq_status("cannot set up a ZeroMQ socket");
  }
  // To all addresses of a name: the first that can be connected to gets the question.
  for (const std::string& address : addresses.all()) {
    question.set(ZMQ_IPV6, is_ipv6(address));
    if (::zmq_connect(question.get(), address.c_str()) != 0) {
      return zmq_status(absl::StrCat("ZeroMQ cannot connect to '", address, "'"));
    }
  }
  question_ = std::move(question);
  is_sent_ = false;
  send_question();
  answer_by_ = now + options_.timeout;
  return absl::OkStatus();
}

void ZmqHandshake::send_question() {
  if (!is_sent_) is_sent_ = ::zmq_send(question_.get(), nullptr, 0, ZMQ_DONTWAIT) >= 0;
}

void ZmqHandshake::end_question(State state, TimePoint now) {
  state_ = state;
  question_.close(0);
  next_question_ = now + options_.livecheck;
}

}  // namespace metlog
