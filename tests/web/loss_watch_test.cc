#include "tools/router/web/loss_watch.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "tools/router/web/router_metrics.h"
#include "tools/router/web/router_status.h"
#include "tools/router/web/status_json.h"

namespace metlog {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

OutputLedger lossy(const std::string& name, std::uint64_t refused) {
  OutputLedger output;
  output.name = name;
  output.url = "file:///x";
  output.lost[LossReason::kRefused] = refused;
  return output;
}

TEST(LossWatch, KnowsSinceWhenAndWhenLast) {
  LossWatch watch;
  RouterLedger ledger;
  ledger.outputs = {lossy("a", 0)};
  watch.look(ledger, 1 * kSecond);
  EXPECT_TRUE(watch.rows().empty());
  ledger.outputs = {lossy("a", 3)};
  ledger.outputs[0].last_error = {"cannot write: No space left on device", 2 * kSecond};
  watch.look(ledger, 2 * kSecond);
  ledger.outputs[0].lost[LossReason::kRefused] = 5;
  watch.look(ledger, 7 * kSecond);
  ledger.rejected[static_cast<std::size_t>(RejectReason::kNotJson)] = 1;
  watch.look(ledger, 9 * kSecond);
  ASSERT_EQ(watch.rows().size(), 2U);
  EXPECT_EQ(watch.rows()[0].where, "rejected");
  EXPECT_EQ(watch.rows()[0].first_utc_ns, 9 * kSecond);
  const LossRow& row = watch.rows()[1];
  EXPECT_EQ(row.where, "output a");
  EXPECT_EQ(row.why, "refused");
  EXPECT_EQ(row.count, 5U);
  EXPECT_EQ(row.first_utc_ns, 2 * kSecond);
  EXPECT_EQ(row.last_utc_ns, 7 * kSecond);
  EXPECT_EQ(row.detail, "cannot write: No space left on device");
}

TEST(LossWatch, AddsUpWhatAReloadHasMadeTwo) {
  LossWatch watch;
  RouterLedger ledger;
  ledger.outputs = {lossy("a", 3), lossy("a", 4)};
  watch.look(ledger, kSecond);
  ASSERT_EQ(watch.rows().size(), 1U);
  EXPECT_EQ(watch.rows()[0].count, 7U);
}

TEST(LossWatch, AddsUpInputsThatAReloadHasMadeTwo) {
  LossWatch watch;
  RouterLedger ledger;
  InputCounts counts;
  counts.kernel_drops = 5;
  ledger.inputs.push_back({"udp://127.0.0.1:1", counts, false});
  counts.kernel_drops = 2;
  ledger.inputs.push_back({"udp://127.0.0.1:1", counts, true});
  watch.look(ledger, kSecond);
  watch.look(ledger, 2 * kSecond);
  ASSERT_EQ(watch.rows().size(), 1U);
  EXPECT_EQ(watch.rows()[0].count, 7U);
  EXPECT_EQ(watch.rows()[0].last_utc_ns, kSecond) << "it has not grown";
}

TEST(LossWatch, HasRoomAgainWhenWhatFilledItIsGone) {
  LossWatch watch;
  RouterLedger full;
  for (std::size_t n = 0; n < LossWatch::kMaxRows; ++n) {
    full.outputs.push_back(lossy(std::to_string(n), 1));
  }
  watch.look(full, kSecond);
  RouterLedger ledger;
  ledger.outputs = {lossy("new", 1)};
  watch.look(ledger, 2 * kSecond);
  watch.look(ledger, 3 * kSecond);
  ASSERT_EQ(watch.rows().size(), 1U);
  EXPECT_EQ(watch.rows()[0].where, "output new");
}

TEST(LossWatch, HasABoundedNumberOfRows) {
  LossWatch watch;
  for (int i = 0; i < 3; ++i) {
    RouterLedger ledger;
    for (std::size_t n = 0; n < LossWatch::kMaxRows; ++n) {
      ledger.outputs.push_back(lossy(std::to_string(i) + "." + std::to_string(n), 1));
    }
    watch.look(ledger, kSecond);
  }
  EXPECT_LE(watch.rows().size(), LossWatch::kMaxRows);
}

StatusBoard::View view_of(RouterStatus status) {
  return {std::make_shared<const RouterStatus>(std::move(status)), true};
}

TEST(Health, FailsForAMinuteAfterALoss) {
  RouterStatus status;
  status.utc_ns = 100 * kSecond;
  EXPECT_TRUE(health_of(view_of(status)).is_ok);
  status.losses = {{"output a", "refused", 1, 50 * kSecond, 50 * kSecond, "why"}};
  const Health failing = health_of(view_of(status));
  EXPECT_FALSE(failing.is_ok);
  EXPECT_NE(failing.json.find(R"("where":"output a")"), std::string::npos) << failing.json;
  status.utc_ns = 111 * kSecond;
  EXPECT_TRUE(health_of(view_of(status)).is_ok);
}

TEST(Health, FailsWhileAnOutputCannotDeliverWhatWaits) {
  RouterStatus status;
  status.utc_ns = 100 * kSecond;
  status.ledger.outputs = {lossy("a", 0)};
  status.ledger.outputs[0].last_error = {"HTTP 503", 99 * kSecond};
  EXPECT_TRUE(health_of(view_of(status)).is_ok);
  status.ledger.outputs[0].pending = 1;
  EXPECT_FALSE(health_of(view_of(status)).is_ok);
}

TEST(Health, FailsWhenTheRouterDoesNotAnswer) {
  StatusBoard board;
  const StatusBoard::View view = board.look(std::chrono::milliseconds(1));
  EXPECT_FALSE(view.is_current);
  EXPECT_FALSE(health_of(view).is_ok);
}

TEST(StatusBoard, GivesAFreshStatusToAllWhoAsk) {
  StatusBoard board;
  const StatusBoard::Clock::time_point later = StatusBoard::Clock::now() + std::chrono::hours(1);
  EXPECT_FALSE(board.is_wanted(later));
  std::thread router([&board, later] {
    while (!board.is_wanted(later)) std::this_thread::yield();
    board.publish(std::make_shared<const RouterStatus>(), later);
  });
  EXPECT_TRUE(board.look(std::chrono::hours(1)).is_current);
  router.join();
  EXPECT_FALSE(board.is_wanted(later + std::chrono::hours(1)));
  board.end();
  EXPECT_FALSE(board.look(std::chrono::hours(1)).is_current);
}

TEST(History, IsGivenFromANumberOn) {
  RouterStatus status;
  status.history_end = 12;
  for (int i = 0; i < 3; ++i) status.history.push_back({i * kSecond, i + 0.25, 0, 0, 0});
  const std::string columns = R"("columns":["time_ms","received","written","rejected","lost"],)";
  EXPECT_EQ(history_json(status, 11), R"({"next":12,)" + columns +
                                          R"("points":[[2000,2.3,0.0,0.0,0.0]]})"
                                          "\n");
  EXPECT_EQ(history_json(status, 99), R"({"next":12,)" + columns + "\"points\":[]}\n");
  EXPECT_NE(history_json(status, 0).find("[0,0.3,"), std::string::npos);
}

TEST(RouterMetrics, MergeOutputsThatHaveOneNameAndUrl) {
  RouterStatus status;
  status.ledger.outputs = {lossy("a\"\n", 3), lossy("a\"\n", 4), lossy("b", 1)};
  const std::string text = router_metrics(status, "1");
  const std::string series =
      R"(metlogd_output_lost_messages_total{output="a\"\n",url="file:///x",reason="refused"} 7)"
      "\n";
  EXPECT_NE(text.find(series), std::string::npos) << text;
}

}  // namespace
}  // namespace metlog
