// Eight threads log through the stop of their client, whatever state its receiver is in: every call
// has an account, what is sent arrives where that can be known, and the stop ends.
// METLOG_LONG_TEST: with the default limit of 2 s, and the times on standard output.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <tuple>

#include "metlog/metlog.h"
#include "tests/delivery/load.h"
#include "tests/delivery/numbered_calls.h"
#include "tests/delivery/receivers.h"
#include "tests/senders/without_session.h"

namespace metlog {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;
using Made = std::unique_ptr<TestReceiver>;

/// A state of a receiver, and how what has arrived then relates to what the client calls sent.
struct State {
  enum class Arrives : std::uint8_t {
    kNothing,  // and nothing is sent
    kSome,     // what is on its way when the receiver or the client ends is in `sent`
    kFlushed,  // all, and all messages that tell of losses, if the stop was in time
    kAll,      // in any case
    kUnknown,  // the receiver reads nothing
  };

  const char* name;
  Arrives arrives;
  Made (*make)();
};

template <ZmqState::Turn turn>
Made subscriber(ZmqReader::Options options = {}) {
  return std::make_unique<ZmqState>(options, turn);
}

using enum ZmqState::Turn;
using enum State::Arrives;

constexpr State kStates[] = {
    {"ZmqReader", kFlushed, [] { return subscriber<kStays>(); }},
    {"ZmqReaderOfBatches", kFlushed, [] { return subscriber<kStays>({.asks_for_batches = true}); }},
    {"ZmqSlow", kSome, [] { return subscriber<kStays>({.is_slow = true}); }},
    {"ZmqStalled", kSome, [] { return subscriber<kStays>({.never_reads = true}); }},
    {"ZmqDying", kSome, [] { return subscriber<kDies>(); }},
    {"ZmqReturning", kSome, [] { return subscriber<kReturns>(); }},
    {"ZmqAbsent", kNothing, []() -> Made { return std::make_unique<ClosedPort>("tcp"); }},
    {"UdpSlow", kFlushed, []() -> Made { return std::make_unique<UdpState>(false); }},
    {"UdpDying", kSome, []() -> Made { return std::make_unique<UdpState>(true); }},
    {"UdpAbsent", kNothing, []() -> Made { return std::make_unique<ClosedPort>("udp"); }},
    {"FileFullDisk", kNothing, []() -> Made { return std::make_unique<FullDiskState>("", false); }},
    {"FileFullDiskForEver", kNothing,
     []() -> Made { return std::make_unique<FullDiskState>("?hold_bytes=2M", false); }},
    {"FileFullDiskThatGetsRoom", kAll,
     []() -> Made { return std::make_unique<FullDiskState>("", true); }},
    {"FileRotated", kFlushed, []() -> Made { return std::make_unique<RotatedState>(); }},
    {"PipeUnread", kAll, []() -> Made { return std::make_unique<UnreadPipe>(); }},
    {"JournalUnread", kUnknown, []() -> Made { return std::make_unique<UnreadSocket>(true); }},
    {"SyslogTcpUnread", kUnknown, []() -> Made { return std::make_unique<UnreadSocket>(false); }},
    {"SyslogTcpAbsent", kNothing,
     []() -> Made { return std::make_unique<ClosedPort>("syslog+tcp"); }},
};

class Stop : public testing::TestWithParam<std::tuple<State, WhenFull>> {};

void expect_arrived(State::Arrives arrives, TestReceiver& receiver, const Ledger& ledger) {
  const std::uint64_t messages = ledger.sent + ledger.marks;
  const NumberedCalls arrived = receiver.end(arrives == kAll ? messages : 0);
  EXPECT_EQ(arrived.out_of_order(), 0U);
  EXPECT_EQ(arrived.damaged(), 0U);
  if (arrives == kUnknown) return;
  EXPECT_LE(arrived.calls(), ledger.sent);
  EXPECT_LE(arrived.told(), ledger.lost.total());
  if (arrives == kNothing) {
    EXPECT_EQ(ledger.sent, 0U);
  }
  if (arrives != kAll) return;
  EXPECT_EQ(arrived.messages() + receiver.kernel_drops(), messages);
  if (receiver.kernel_drops() == 0) {
    EXPECT_EQ(arrived.calls(), ledger.sent);
  }
}

TEST_P(Stop, EndsAndHasAnAccountOfEveryCall) {
  const auto& [state, when_full] = GetParam();
  const Made receiver = state.make();
  if (receiver->url().empty()) GTEST_SKIP() << "may not mount a small file system here";
  Engine engine(without_session());
  Client client = engine.open(receiver->url(), {.when_full = when_full}).value();
  Load load(client);
  receiver->turn();
  load.go_on();
  const std::uint64_t before = load.returned();
  // A receiver that takes all needs no limit.
  const milliseconds limit(is_long_test() ? 2000 : state.arrives == kFlushed ? 10'000 : 100);
  const auto begin = steady_clock::now();
  const Receipt receipt = client.close(limit);
  const auto took = std::chrono::duration_cast<milliseconds>(steady_clock::now() - begin);
  const std::uint64_t calls = load.end();
  const Ledger ledger = client.stats();
  RecordProperty("stop_ms", static_cast<int>(took.count()));
  if (is_long_test()) {
    std::printf("%-26s %-6s stop %5lld ms, emitted %llu, sent %llu, lost %llu\n", state.name,
                when_full == WhenFull::kBlock ? "block" : "drop",
                static_cast<long long>(took.count()),
                static_cast<unsigned long long>(ledger.emitted),
                static_cast<unsigned long long>(ledger.sent),
                static_cast<unsigned long long>(ledger.lost.total()));
  }
  EXPECT_LT(took, limit + std::chrono::seconds(20)) << "it has no end";
  EXPECT_GE(ledger.emitted, before);
  EXPECT_LE(ledger.emitted, calls);
  EXPECT_EQ(ledger.unexplained(), 0);
  EXPECT_EQ(ledger.pending, 0U);
  EXPECT_EQ(receipt.sent, ledger.sent);
  EXPECT_EQ(receipt.sent + receipt.lost, ledger.emitted);
  const bool is_flushed = state.arrives == kFlushed && receipt.handover != Handover::kNone;
  expect_arrived(is_flushed ? kAll : state.arrives, *receiver, ledger);
}

INSTANTIATE_TEST_SUITE_P(States, Stop,
                         testing::Combine(testing::ValuesIn(kStates),
                                          testing::Values(WhenFull::kDrop, WhenFull::kBlock)),
                         [](const auto& state) {
                           return std::string(std::get<0>(state.param).name) +
                                  (std::get<1>(state.param) == WhenFull::kBlock ? "Blocking" : "");
                         });

}  // namespace
}  // namespace metlog
