#include "tools/router/input/line_input.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "tests/router/collecting_sink.h"
#include "tests/router/envelope.h"
#include "tests/router/router_fixture.h"
#include "tests/senders/temp_dir.h"

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::unique_ptr<LineInput> open_input(const LineInput::Options& options = {}) {
  auto inputs = LineInput::open_tcp("127.0.0.1:0", Reach::kLoopbackOnly, options);
  EXPECT_TRUE(inputs.ok()) << inputs.status();
  return std::move(inputs->front());
}

/// A client of a tcp://127.0.0.1:PORT or unix://PATH. On loopback what send() took is with the
/// receiver when it returns.
class StreamPeer {
 public:
  explicit StreamPeer(const std::string& url) {
    const bool is_unix = url.starts_with("unix://");
    fd_ = UniqueFd(::socket(is_unix ? AF_UNIX : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    if (is_unix) {
      sockaddr_un to{};
      to.sun_family = AF_UNIX;
      url.copy(to.sun_path, sizeof to.sun_path - 1, 7);
      EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0) << url;
    } else {
      sockaddr_in to{};
      to.sin_family = AF_INET;
      to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(url.rfind(':') + 1))));
      EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&to), sizeof to), 0) << url;
    }
  }

  void send(std::string_view bytes) const {
    ASSERT_EQ(::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  /// What the kernel takes without waiting: 0 when the receiver does not read.
  [[nodiscard]] std::size_t try_send(std::string_view bytes) const {
    const ssize_t size = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return size < 0 ? 0 : static_cast<std::size_t>(size);
  }
  void half_close() const { ::shutdown(fd_.get(), SHUT_WR); }
  void reset() {
    const linger now = {1, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
    fd_ = UniqueFd();
  }
  /// True when the other side has closed.
  [[nodiscard]] bool is_closed() const {
    char byte = 0;
    return ::recv(fd_.get(), &byte, 1, 0) <= 0;
  }

 private:
  UniqueFd fd_;
};

/// Polls until nothing is left.
void poll_all(LineInput& input, CollectingSink& sink) {
  do {
    input.poll(sink, 1000);
  } while (!input.is_dry());
}

TEST(LineInput, PassesTheLinesOfEachConnectionInOrder) {
  const auto input = open_input();
  const StreamPeer one(input->endpoint());
  const StreamPeer other(input->endpoint());
  CollectingSink sink;
  one.send("a1\na2\r\n\nhalf");
  other.send("b1\n");
  poll_all(*input, sink);
  EXPECT_THAT(sink.texts, testing::UnorderedElementsAre("a1", "a2\r", "", "b1"));
  one.send(" and half\n");
  sink.texts.clear();
  poll_all(*input, sink);
  EXPECT_THAT(sink.texts, ElementsAre("half and half"));
  EXPECT_EQ(input->counts().frames, 5U);
  EXPECT_EQ(input->counts().connections, 2U);
  EXPECT_EQ(input->counts().open_connections, 2U);
}

TEST(LineInput, TakesALastLineWithoutNewlineWhenThePeerHasSentAll) {
  const auto input = open_input();
  const StreamPeer peer(input->endpoint());
  CollectingSink sink;
  peer.send("one\nlast");
  peer.half_close();
  poll_all(*input, sink);
  EXPECT_THAT(sink.texts, ElementsAre("one", "last"));
  EXPECT_TRUE(peer.is_closed());
  EXPECT_EQ(input->counts().open_connections, 0U);
  EXPECT_EQ(input->counts().cut_lines, 0U);
}

TEST(LineInput, CutsALineOverTheLimitAndGoesOnAtTheNext) {
  const auto input = open_input({.max_line = 100});
  const StreamPeer peer(input->endpoint());
  CollectingSink sink;
  peer.send(std::string(100, 'a') + "\n" + std::string(1000, 'b') + "\nshort\n");
  poll_all(*input, sink);
  EXPECT_THAT(sink.texts, ElementsAre(std::string(100, 'a'), std::string(100, 'b'), "short"));
  EXPECT_THAT(sink.sent_bytes, ElementsAre(100, 1000, 5));
}

TEST(LineInput, ALineWithoutAnEndLeavesTheOthersTheirTurn) {
  const auto input = open_input({.max_line = 1000});
  const StreamPeer endless(input->endpoint());
  const StreamPeer other(input->endpoint());
  const std::string block(256 * 1024, 'x');
  CollectingSink sink;
  std::size_t sent = 0;
  for (int i = 0; i < 20; ++i) {
    sent += endless.try_send(block);
    other.send("line\n");
    input->poll(sink, 10);  // ends, though the line does not
  }
  poll_all(*input, sink);
  EXPECT_EQ(sink.texts.size(), 20U);
  endless.send("\n");
  poll_all(*input, sink);
  EXPECT_EQ(sink.sent_bytes.back(), sent);
  EXPECT_EQ(sink.texts.back().size(), 1000U);
}

TEST(LineInput, EachConnectionHasItsTurnWhenOneFillsEveryPoll) {
  const auto input = open_input();
  const StreamPeer busy(input->endpoint());
  const StreamPeer quiet(input->endpoint());
  CollectingSink sink;
  for (int i = 0; i < 10; ++i) {
    std::string lines;
    while (lines.size() < 128 * 1024) lines += std::string(999, 'x') + "\n";
    EXPECT_GT(busy.try_send(lines), 0U);
  }
  quiet.send("quiet\n");
  double fill = 0;
  for (int polls = 0; polls < 5; ++polls) {
    input->poll(sink, 10);
    fill = std::max(fill, input->fill());
  }
  EXPECT_THAT(sink.texts, testing::Contains("quiet"));
  EXPECT_EQ(fill, 1);
}

TEST(LineInput, ClosesConnectionsBeyondTheLimitAndCountsThem) {
  const auto input = open_input({.max_connections = 2});
  const StreamPeer one(input->endpoint());
  auto two = std::make_unique<StreamPeer>(input->endpoint());
  const StreamPeer three(input->endpoint());
  CollectingSink sink;
  poll_all(*input, sink);
  EXPECT_TRUE(three.is_closed());
  one.send("one\n");
  two.reset();
  poll_all(*input, sink);
  const StreamPeer four(input->endpoint());
  four.send("four\n");
  poll_all(*input, sink);
  EXPECT_THAT(sink.texts, ElementsAre("one", "four"));
  EXPECT_EQ(input->counts().connections, 3U);
  EXPECT_EQ(input->counts().refused_connections, 1U);
}

TEST(LineInput, CountsALineThatABrokenConnectionHasCut) {
  const auto input = open_input();
  StreamPeer peer(input->endpoint());
  CollectingSink sink;
  peer.send("whole\ncu");
  poll_all(*input, sink);
  peer.reset();
  poll_all(*input, sink);
  EXPECT_THAT(sink.texts, ElementsAre("whole", "cu"));
  EXPECT_EQ(input->counts().cut_lines, 1U);
}

TEST(LineInput, LosesNothingWhileItIsNotRead) {
  const auto input = open_input();
  const StreamPeer peer(input->endpoint());
  std::string lines(64 * 1024, 'x');
  for (std::size_t i = 999; i < lines.size(); i += 1000) lines[i] = '\n';
  std::size_t sent = 0;
  char last = 0;
  while (const std::size_t taken = peer.try_send(lines)) {
    sent += taken;
    last = lines[taken - 1];
  }
  peer.half_close();
  CollectingSink sink;
  poll_all(*input, sink);
  std::size_t received = sink.texts.size() - (last == '\n' ? 0 : 1);  // the newlines
  for (const std::size_t bytes : sink.sent_bytes) received += bytes;
  EXPECT_EQ(received, sent);
}

TEST(LineInput, ListensAtASocketWithItsPermissions) {
  const TempDir dir;
  const std::string path = dir.file("socket");
  const auto input = LineInput::open_unix(path, 0660, {});
  ASSERT_TRUE(input.ok()) << input.status();
  struct stat status {};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0660U);
  const StreamPeer peer((*input)->endpoint());
  peer.send("line\n");
  CollectingSink sink;
  poll_all(**input, sink);
  EXPECT_THAT(sink.texts, ElementsAre("line"));
  const auto second = LineInput::open_unix(path, 0600, {});
  EXPECT_THAT(std::string(second.status().message()), HasSubstr("unix://" + path));
}

TEST(LineInput, RefusesAnAddressThatOthersReach) {
  const auto far = LineInput::open_tcp("0.0.0.0:0", Reach::kLoopbackOnly, {});
  EXPECT_EQ(far.status().code(), absl::StatusCode::kPermissionDenied);
  const auto input = open_input();
  const auto taken = LineInput::open_tcp(input->endpoint(), Reach::kLoopbackOnly, {});
  EXPECT_EQ(taken.status().code(), absl::StatusCode::kUnavailable);
}

class LineRouter : public RouterTest {
 protected:
  LineRouter() : RouterTest({.limits = {.message_bytes = 1000}}) {}
};

TEST_F(LineRouter, AccountsForEveryLine) {
  auto input = open_input({.max_line = 1000});
  const StreamPeer peer(input->endpoint());
  router_.add_input(std::move(input));
  add_file_like_output();
  std::string lines;
  for (int i = 0; i < 1000; ++i) lines += envelope() + "\n";
  peer.send(lines + "\n{\"no\":1}\n" + std::string(1001, ' ') + "\n" + envelope());
  const RouterLedger ledger = close();  // while the peer is connected
  EXPECT_EQ(ledger.accepted, 1001U);
  EXPECT_EQ(ledger.rejected_total(), 3U);
  const auto count = [&](RejectReason reason) {
    return ledger.rejected[static_cast<std::size_t>(reason)];
  };
  EXPECT_EQ(count(RejectReason::kEmpty), 1U);
  EXPECT_EQ(count(RejectReason::kMissingKey), 1U);
  EXPECT_EQ(count(RejectReason::kTooLong), 1U);
  EXPECT_EQ(ledger.inputs.back().counts.cut_lines, 1U) << "it had no newline when the router ended";
  EXPECT_EQ(ledger.outputs[0].written, 1001U);
  EXPECT_THAT(to_text(ledger), HasSubstr("connections"));
  EXPECT_THAT(to_json(ledger), HasSubstr(R"("refused_connections":0)"));
}

}  // namespace
}  // namespace metlog
