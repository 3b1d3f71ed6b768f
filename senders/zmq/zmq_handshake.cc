#include "senders/zmq/zmq_handshake.h"

#include <zmq.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "senders/zmq/zmq_socket.h"

namespace metlog {
namespace {

constexpr std::chrono::milliseconds kPollInterval{5};
constexpr std::int64_t kMaxAnswer = 64 * 1024;

bool prepare(ZmqSocket& socket, const std::string& endpoint) {
  return socket.set(ZMQ_LINGER, 0) && socket.set(ZMQ_IPV6, absl::StrContains(endpoint, "[")) &&
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
  if (!question.is_open() || !prepare(question, options_.endpoint)) {
    return zmq_status("cannot set up a ZeroMQ socket");
  }
  if (::zmq_connect(question.get(), options_.endpoint.c_str()) != 0 ||
      ::zmq_send(question.get(), nullptr, 0, ZMQ_DONTWAIT) < 0) {
    return zmq_status(absl::StrCat("ZeroMQ cannot connect to '", options_.endpoint, "'"));
  }
  question_ = std::move(question);
  answer_by_ = now + options_.timeout;
  return absl::OkStatus();
}

void ZmqHandshake::end_question(State state, TimePoint now) {
  state_ = state;
  question_.close(0);
  next_question_ = now + options_.livecheck;
}

}  // namespace metlog
