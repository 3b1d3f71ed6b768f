#include "tools/router/live_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace metlog {
namespace {

using testing::HasSubstr;
using testing::Not;

LiveTable::Style wide() { return {.width = 120, .rows = 20, .colours = false}; }

RouterLedger ledger_of(std::uint64_t frames) {
  RouterLedger ledger;
  ledger.inputs.push_back(
      {"udp://127.0.0.1:1", {.frames = frames, .kernel_drops = 0, .errors = 0, .handshakes = 0}});
  ledger.frames.plain = frames;
  return ledger;
}

TEST(LiveTable, ShowsTheBusiestFirst) {
  LiveTable table;
  table.add("counter", "shop", 6);
  for (int i = 0; i < 1500; ++i) table.add("oldstyle", "shop", 4);
  table.end_interval(1.0, 1501);
  EXPECT_EQ(table.render(ledger_of(1501), wide()),
            "metlogd  received 1,501 (1,501/s)  rejected 0  lost 0  kernel drops 0\n"
            "    rate/s          total  severity   type      logger\n"
            "     1,500          1,500  warning    oldstyle  shop\n"
            "       1.0              1  info       counter   shop\n");
}

TEST(LiveTable, TellsTheRateOfTheLastIntervalOnly) {
  LiveTable table;
  for (int i = 0; i < 100; ++i) table.add("t", "l", 6);
  table.end_interval(2.0, 100);
  EXPECT_THAT(table.render(ledger_of(100), wide()), HasSubstr("received 100 (50/s)"));
  table.end_interval(1.0, 100);
  EXPECT_THAT(table.render(ledger_of(100), wide()),
              HasSubstr("         0            100  info       t     l\n"));
}

TEST(LiveTable, ShowsRejectionsByReason) {
  RouterLedger ledger = ledger_of(5);
  ledger.rejected[static_cast<std::size_t>(RejectReason::kNotJson)] = 3;
  ledger.rejected[static_cast<std::size_t>(RejectReason::kTooDeep)] = 2;
  const std::string text = LiveTable().render(ledger, wide());
  EXPECT_THAT(text, HasSubstr("rejected 5 "));
  EXPECT_THAT(text, HasSubstr("rejected: too_deep 2, not_json 3\n"));
}

TEST(LiveTable, CountsHandshakesOnceThereAreAny) {
  RouterLedger ledger = ledger_of(5);
  EXPECT_THAT(LiveTable().render(ledger, wide()), Not(HasSubstr("handshakes")));
  ledger.inputs[0].counts.handshakes = 1234;
  EXPECT_THAT(LiveTable().render(ledger, wide()), HasSubstr("  handshakes 1,234\n"));
}

TEST(LiveTable, EscapesHostileNames) {
  LiveTable table;
  table.add("\x1b[2Jtype", "log\nger", 6);
  const std::string text = table.render(ledger_of(1), wide());
  EXPECT_THAT(text, HasSubstr("\\x1b[2Jtype  log\\x0ager\n"));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(table.render_line(ledger_of(1)), Not(HasSubstr("\x1b")));
}

TEST(LiveTable, CutsEveryLineToTheWidth) {
  LiveTable table;
  table.add(std::string(500, 't'), std::string(500, 'l'), 6);
  std::istringstream lines(table.render(ledger_of(1), {.width = 40, .rows = 20, .colours = false}));
  for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 40U) << line;
}

TEST(LiveTable, ColoursOnlyWhenAsked) {
  LiveTable table;
  table.add("t", "l", 3);
  LiveTable::Style style = wide();
  EXPECT_THAT(table.render(ledger_of(1), style), Not(HasSubstr("\x1b")));
  style.colours = true;
  EXPECT_THAT(table.render(ledger_of(1), style), HasSubstr("\x1b[31m"));
}

TEST(LiveTable, CountsFurtherNamesTogetherOnceItIsFull) {
  LiveTable table;
  for (std::size_t i = 0; i < LiveTable::kMaxKeys + 7; ++i) table.add(std::to_string(i), "l", 6);
  table.add("0", "l", 6);  // still counted by its name
  const LiveTable::Style all{.width = 120, .rows = LiveTable::kMaxKeys + 1, .colours = false};
  const std::string text = table.render(ledger_of(1), all);
  EXPECT_THAT(text, HasSubstr(" 7  -          __other__"));
  EXPECT_THAT(text, HasSubstr(" 2  info       0 "));
  EXPECT_THAT(table.render(ledger_of(1), wide()), HasSubstr("and 9,981 more\n"));
}

TEST(LiveTable, SaysInOneLineWhatIsNoTerminal) {
  LiveTable table;
  table.add("counter", "shop", 6);
  table.end_interval(1.0, 1);
  EXPECT_EQ(table.render_line(ledger_of(1)),
            "received 1 (1.0/s)  rejected 0  lost 0  kernel drops 0  counter/shop/info 1.0/s\n");
}

}  // namespace
}  // namespace metlog
