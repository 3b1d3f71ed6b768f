#include "metlog/internal/base/thread_place.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace metlog {
namespace {

TEST(ThreadPlace, ThrowsWhatItsBodyThrows) {
  const int before = getpriority(PRIO_PROCESS, static_cast<id_t>(gettid()));
  for (const std::optional<int> nice : {std::optional<int>(), std::optional<int>(before)}) {
    const ThreadPlace place{"throws", nice, {}};
    EXPECT_THAT([&] { place.run([] { throw std::runtime_error("no such plugin"); }); },
                testing::ThrowsMessage<std::runtime_error>("no such plugin"));
  }
}

TEST(CpuList, HasNumbersAndRanges) {
  EXPECT_EQ(parse_cpu_list("0").value(), std::vector<int>{0});
  EXPECT_EQ(parse_cpu_list("0,2-3").value(), (std::vector<int>{0, 2, 3}));
  EXPECT_EQ(parse_cpu_list(" 3 , 1-2,2").value(), (std::vector<int>{1, 2, 3}));
  EXPECT_EQ(parse_cpu_list("5-5").value(), std::vector<int>{5});
  EXPECT_EQ(parse_cpu_list("0-8191").value().size(), 8192U);
}

TEST(CpuList, SaysWhichPartIsWrong) {
  const std::pair<const char*, const char*> faults[] = {
      {"", "it names no CPU"},
      {"  ", "it names no CPU"},
      {",", "a number is missing at a comma"},
      {"0,", "a number is missing at a comma"},
      {"0,,1", "a number is missing at a comma"},
      {"3-1", "the range '3-1' goes downwards"},
      {"1-", "'' is no CPU number from 0 to 8191"},
      {"-1", "'' is no CPU number from 0 to 8191"},
      {"0x3", "'0x3' is no CPU number from 0 to 8191"},
      {"0 1", "'0 1' is no CPU number from 0 to 8191"},
      {"1-2-3", "'2-3' is no CPU number from 0 to 8191"},
      {"8192", "'8192' is no CPU number from 0 to 8191"},
      {"99999999999999999999", "'99999999999999999999' is no CPU number from 0 to 8191"},
      {"0-31:2", "'31:2' is no CPU number from 0 to 8191"},
      {"all", "'all' is no CPU number from 0 to 8191"}};
  for (const auto& [text, fault] : faults) {
    const absl::Status status = parse_cpu_list(text).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(status.message(),
              std::string(fault) + "; it takes CPU numbers and ranges, such as 0,2-3");
  }
}

}  // namespace
}  // namespace metlog
