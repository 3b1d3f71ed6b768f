#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

#include "metlog/metlog.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

// The filter runs in the only thread that makes room, which must not wait for room.
TEST(UsersFilter, ThatLogsMoreThanItsRingHoldsLosesTheRestEvenIfItsClientBlocks) {
  constexpr int kLines = 500;
  const auto client = std::make_shared<Client*>(nullptr);
  TestEngineOptions options;
  options.engine.ring_bytes = 4096;
  options.client.when_full = WhenFull::kBlock;
  options.client.filters = {Filter("chatty", [client](Message& message) {
    const std::string* const text = message.payload().as_text();
    if (text == nullptr || *text != "go") return true;
    for (int i = 0; i < kLines; ++i) METLOG_INFO(**client, "line {}", i);
    return true;
  })};
  TestEngine engine(std::move(options));
  *client = &engine.client();
  METLOG_INFO(engine.log(), "go");
  engine.expect(kLines);
  engine.settle();
  const Ledger ledger = engine.client().stats();
  EXPECT_GT(ledger.lost[LossReason::kRingFull], 0U);
  EXPECT_EQ(ledger.sent + ledger.lost.total(), std::uint64_t{kLines} + 1);
}

}  // namespace
}  // namespace metlog
