// A client with several destinations: each has its own level, format, filters, queue and account,
// and a dead one delays no other.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "metlog/metlog.h"
#include "tests/client/destinations_fixture.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/messages.h"
#include "tests/support/sanitized.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using Outputs = std::vector<ClientOutput>;
using std::chrono::steady_clock;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

TEST_F(SeveralDestinations, GetEveryMessageInOrder) {
  Engine engine(parts());
  Client log = engine.open(Outputs{capture(), capture(), capture()}).value();
  for (int i = 0; i < 1000; ++i) METLOG_INFO(log, "{}", i);
  METLOG_INCR(log, "n");
  const Receipt receipt = log.close(10s);
  EXPECT_EQ(receipt.sent, 3003U);
  EXPECT_EQ(receipt.handover, Handover::kPeer);
  for (const auto& capture : captures_) {
    const std::vector<std::string> messages = capture->messages();
    ASSERT_THAT(messages, SizeIs(1001));
    for (int i = 0; i < 1000; ++i) {
      EXPECT_EQ(payload_of(messages[static_cast<std::size_t>(i)]), std::to_string(i));
    }
  }
  expect_conservation(log, 1001);
}

TEST_F(SeveralDestinations, HaveLevelsOfTheirOwn) {
  Engine engine(parts());
  Client log = engine
                   .open(Outputs{capture(Severity::kWarning), capture(Severity::kDebug),
                                 capture(Severity::kTrace)},
                         {.min_severity = Severity::kTrace})
                   .value();
  METLOG_ERROR(log, "error");
  METLOG_INFO(log, "info");
  METLOG_DEBUG(log, "debug");
  METLOG_TRACE(log, "trace");
  log.close(10s);
  EXPECT_THAT(payloads(0), ElementsAre("error"));
  EXPECT_THAT(payloads(1), ElementsAre("error", "info", "debug"));
  EXPECT_THAT(payloads(2), ElementsAre("error", "info", "debug", "trace"));
  expect_conservation(log, 4);
  EXPECT_EQ(log.outputs()[0].ledger.filtered, 3U);
  EXPECT_EQ(log.outputs()[1].ledger.filtered, 1U);
}

TEST_F(SeveralDestinations, DoNotGetWhatNoneOfThemTakes) {
  Engine engine(parts());
  Client log = engine.open(Outputs{capture(Severity::kWarning), capture(Severity::kError)}).value();
  METLOG_INFO(log, "nobody's");
  METLOG_WARN(log, "one's");
  log.close(10s);
  EXPECT_THAT(payloads(0), ElementsAre("one's"));
  EXPECT_THAT(payloads(1), IsEmpty());
  expect_conservation(log, 1);
}

TEST_F(SeveralDestinations, HaveFormatsAndFiltersOfTheirOwn) {
  Engine engine(parts());
  ClientOutput text = capture();
  text.format = Formatter::pattern("%v");
  ClientOutput filtered = capture();
  filtered.filters = {
      Filter("odd", [](Message& message) { return message.payload() != Value("2"); })};
  ClientOutput own = capture();
  own.format = Formatter([](const Message& message, std::string_view) {
    return message.payload() == Value("1") ? "own 1" : "own other";
  });
  Client log = engine.open(Outputs{text, filtered, own, capture()}).value();
  for (int i = 1; i <= 3; ++i) METLOG_INFO(log, "{}", i);
  log.close(10s);
  EXPECT_THAT(captures_[0]->messages(), ElementsAre("1", "2", "3"));
  EXPECT_THAT(payloads(1), ElementsAre("1", "3"));
  EXPECT_THAT(captures_[2]->messages(), ElementsAre("own 1", "own other", "own other"));
  EXPECT_THAT(payloads(3), ElementsAre("1", "2", "3"));
  expect_conservation(log, 3);
}

TEST_F(SeveralDestinations, GiveMessagesTheIdentityOfTheirOwnStream) {
  Engine engine(parts());
  Client log = engine.open(Outputs{capture(), capture()}, {.message_ids = true}).value();
  METLOG_INFO(log, "a");
  log.close(10s);
  const std::string first = captures_[0]->messages().at(0);
  const std::string second = captures_[1]->messages().at(0);
  const std::size_t id = first.find("metlog_id");
  ASSERT_NE(id, std::string::npos);
  EXPECT_EQ(first.substr(0, id), second.substr(0, id));
  EXPECT_NE(first, second);
}

TEST_F(SeveralDestinations, DoNotWaitForADeadOne) {
  std::atomic<bool> is_open{false};
  Engine engine(parts(Engine::Threads::kOwn));
  ClientOutput living = capture();
  living.batch_count = 256;  // enough for all
  Client log = engine.open(Outputs{shut(is_open), living}, {.when_full = WhenFull::kBlock}).value();
  constexpr int kCount = 100'000;
  for (int i = 0; i < kCount; ++i) METLOG_INFO(log, "{}", i);
  EXPECT_TRUE(captures_[0]->wait_for(kCount, 60s)) << "the living one has all";
  const auto begin = steady_clock::now();
  log.close(300ms);
  EXPECT_LT(steady_clock::now() - begin, 2s);
  EXPECT_THAT(payloads(0), SizeIs(kCount));
  expect_conservation(log, kCount);
  const std::vector<ClientOutputStats> outputs = log.outputs();
  EXPECT_EQ(outputs[0].ledger.sent, 0U);
  EXPECT_EQ(
      outputs[0].ledger.lost[LossReason::kQueueFull] + outputs[0].ledger.lost[LossReason::kExpired],
      static_cast<std::uint64_t>(kCount));
  EXPECT_EQ(outputs[1].ledger.sent, static_cast<std::uint64_t>(kCount));
}

TEST_F(SeveralDestinations, WaitForOneThatBlocksAndLoseNothing) {
  std::atomic<bool> is_open{false};
  Engine engine(parts(Engine::Threads::kOwn));
  ClientOutput slow = shut(is_open);
  ClientOutput fast = capture();
  slow.when_full = fast.when_full = WhenFull::kBlock;
  Client log = engine.open(Outputs{fast, slow}, {.when_full = WhenFull::kBlock}).value();
  constexpr int kCount = 50'000;
  std::thread opener([&] {
    EXPECT_TRUE(captures_[0]->wait_for(1, 60s));
    is_open = true;
  });
  for (int i = 0; i < kCount; ++i) METLOG_INFO(log, "{}", i);
  opener.join();
  log.close(60s);
  EXPECT_THAT(payloads(0), SizeIs(kCount));
  expect_conservation(log, kCount);
  EXPECT_EQ(log.stats().lost.total(), 0U);
}

TEST_F(SeveralDestinations, AreAllToldOfALoss) {
  Engine engine(parts());
  Client log = engine.open(Outputs{capture(), capture()}).value();
  std::uint64_t calls = 0;
  while (log.stats().lost.total() == 0) {
    METLOG_INFO(log, "{}", calls);
    ++calls;
  }
  METLOG_INFO(log, "{}", ++calls);
  log.close(10s);
  expect_conservation(log, calls);
  for (std::size_t i = 0; i < 2; ++i) {
    std::uint64_t told = 0;
    for (const std::string& message : captures_[i]->messages()) {
      if (is_loss(message)) told += loss_count(message);
    }
    EXPECT_EQ(told, log.outputs()[i].ledger.lost.total());
    EXPECT_GT(told, 0U);
  }
}

TEST_F(SeveralDestinations, AreOpenedTogetherOrNotAtAll) {
  Engine engine(parts());
  const TempDir files;
  const std::string file = files.file("a");
  const auto failed = engine.open(Outputs{"file:" + file, "nonsense:x"});
  EXPECT_THAT(std::string(failed.status().message()),
              AllOf(StartsWith("destination 2 of 2: "), HasSubstr("nonsense")));
  EXPECT_NE(::access(file.c_str(), F_OK), 0) << "opened before all names were checked";
  EXPECT_THAT(std::string(engine.open(Outputs{"null:?level=warming"}).status().message()),
              HasSubstr("did you mean warning?"));
  EXPECT_THAT(std::string(engine.open(Outputs{"null:", "null:?when_full=grow"}).status().message()),
              HasSubstr("option when_full='grow' takes drop, block"));
  EXPECT_FALSE(engine.open(std::vector<ClientOutput>{}).ok());
  EXPECT_FALSE(engine.open(std::vector<ClientOutput>(17, "null:")).ok());
  EXPECT_FALSE(engine.open(Outputs{"file:" + files.file("no/such/file"), "null:"}).ok());
}

TEST_F(SeveralDestinations, GoOnWithoutAnOptionalOne) {
  Engine engine(parts());
  const TempDir files;
  testing::internal::CaptureStderr();
  auto log = engine.open(Outputs{"file:" + files.file("no/such/file") + "?optional=1", capture()});
  EXPECT_THAT(testing::internal::GetCapturedStderr(),
              AllOf(HasSubstr("goes on without destination 1 of 2"), HasSubstr("no/such/file")));
  ASSERT_TRUE(log.ok()) << log.status();
  METLOG_INFO(*log, "a");
  log->close(10s);
  EXPECT_THAT(payloads(0), ElementsAre("a"));
  EXPECT_FALSE(engine.open(Outputs{"file:" + files.file("no/such/file") + "?optional=1"}).ok());
}

TEST_F(SeveralDestinations, GiveTheirSlotsBack) {
  Engine engine(parts());
  for (int i = 0; i < 300; ++i) {
    Client log = engine.open(Outputs{capture(), capture()}).value();
    METLOG_INFO(log, "{}", i);
    log.close(10s);
    ASSERT_THAT(payloads(captures_.size() - 1), ElementsAre(std::to_string(i)));
    expect_conservation(log, 1);
  }
}

TEST_F(SeveralDestinations, ServeOneUrlAsAList) {
  const TempDir files;
  Engine engine(parts());
  Client log =
      engine.open(Outputs{"file:" + files.file("a") + "?format=pattern&pattern=%25v&level=error"})
          .value();
  METLOG_ERROR(log, "yes");
  METLOG_INFO(log, "no");
  log.close(10s);
  EXPECT_EQ(content_of(files.file("a")), "yes\n");
  expect_conservation(log, 1);
}

TEST_F(SeveralDestinations, AreOpenedAgainInAForkedChild) {
  if (kSanitizer) GTEST_SKIP() << "sanitizers do not work in a forked child with threads";
  const TempDir files;
  const pid_t child = ::fork();
  if (child == 0) {
    EngineOptions engine;
    engine.session_directory = "none";
    if (!Engine::configure(engine).ok()) ::_exit(2);
    Client log = open({"file:" + files.file("a"), "file:" + files.file("b")},
                      {.format = Formatter::pattern("%v")})
                     .value();
    METLOG_INFO(log, "parent");
    log.flush(10s);
    const pid_t grandchild = ::fork();
    if (grandchild == 0) METLOG_INFO(log, "child");
    if (grandchild != 0) ::waitpid(grandchild, nullptr, 0);
    const Receipt receipt = log.close(10s);
    ::_exit(receipt.sent == 2 && receipt.lost == 0 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0);
  for (const char* name : {"a", "b"}) {
    EXPECT_EQ(content_of(files.file(name)), "parent\nchild\n");
  }
}

}  // namespace
}  // namespace metlog
