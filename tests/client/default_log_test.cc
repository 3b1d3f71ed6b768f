// Calls that name no client. The default is one of the whole process, so this program has tests
// that follow each other: first there is none.

#include "metlog/default_log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "metlog/metlog.h"

namespace metlog {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

std::vector<std::string> types_of(const std::vector<std::string>& messages) {
  std::vector<std::string> types;
  for (const std::string& message : messages) {
    const std::size_t begin = std::string_view(R"({"type":")").size();
    types.push_back(message.substr(begin, message.find('"', begin) - begin));
  }
  return types;
}

TEST(DefaultLog, IsOneClientThatWritesToStandardErrorWhenNoneIsSet) {
  constexpr int kThreads = 4;
  testing::internal::CaptureStderr();
  std::vector<Client*> found(kThreads);
  std::vector<std::thread> threads;
  std::atomic<bool> may_go{false};
  for (Client*& client : found) {
    threads.emplace_back([&client, &may_go] {
      while (!may_go) std::this_thread::yield();
      client = &default_log();
      MLOG_INFO("listens on port {}", 8080);
    });
  }
  may_go = true;
  for (std::thread& thread : threads) thread.join();
  MLOG_DEBUG("no more than this");
  EXPECT_TRUE(default_log().flush(10s));
  const std::string said = testing::internal::GetCapturedStderr();
  for (const Client* client : found) EXPECT_EQ(client, default_client());
  EXPECT_THAT(said, HasSubstr(": listens on port 8080\n"));
  EXPECT_THAT(said, HasSubstr("sender_classes_"));
  EXPECT_EQ(std::count(said.begin(), said.end(), '\n'), kThreads + 1) << said;
  const Ledger ledger = default_log().stats();
  EXPECT_EQ(ledger.emitted, kThreads + 1U);
  EXPECT_EQ(ledger.sent, kThreads + 1U);
  EXPECT_EQ(ledger.unexplained(), 0);
}

TEST(DefaultLog, IsTheOneThatWasSetForAllMacros) {
  const senders::DebugCaptureSender capture;
  static Client log = open(capture, {.logger = "shop"}).value();
  Client& before = default_log();
  set_default_log(log);
  EXPECT_EQ(&default_log(), &log);
  MLOG_TRACE("not sent unless the client is told to");
  MLOG_DEBUG("1");
  MLOG_INFO("2");
  MLOG_NOTICE("3");
  MLOG_WARN("4 {}", 4);
  MLOG_ERROR("5");
  MLOG_CRITICAL("6");
  MLOG_ALERT("7");
  MLOG_EMERGENCY("8");
  MLOG_EXCEPTION("9");
  MLOG_EVENT("login", kv("user", 1));
  MLOG_INCR("orders");
  { MLOG_TIMER("db.query"); }
  METLOG_EVERY_N(2, METLOG_INFO, default_log(), "10");
  const Receipt receipt = log.close(10s);
  set_default_log(before);
  EXPECT_EQ(receipt.lost, 0U);
  EXPECT_EQ(receipt.sent, capture.msgs().size());
  const std::vector<std::string> types = types_of(capture.msgs());
  EXPECT_EQ(types.size(), 13U);
  EXPECT_EQ(std::count(types.begin(), types.end(), "oldstyle"), 10);
  EXPECT_THAT(types, testing::IsSupersetOf({"login", "counter", "timer"}));
  EXPECT_THAT(capture.msgs()[3], HasSubstr(R"("payload":"4 4")"));
}

}  // namespace
}  // namespace metlog
