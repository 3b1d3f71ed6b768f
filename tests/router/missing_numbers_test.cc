#include "tools/router/input/missing_numbers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

namespace metlog {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(MissingNumbers, AreRangesInOrder) {
  MissingNumbers missing;
  missing.add({3, 2});
  missing.add({9, 1});
  EXPECT_THAT(missing.first_ranges(), ElementsAre(NumberRange{3, 2}, NumberRange{9, 1}));
  EXPECT_EQ(missing.count(), 3U);
  EXPECT_EQ(missing.count_from(0), 3U);
  EXPECT_EQ(missing.count_from(4), 2U);
  EXPECT_EQ(missing.count_from(10), 0U);
}

TEST(MissingNumbers, AreFewerWhenSomeCameLate) {
  MissingNumbers missing;
  missing.add({10, 10});
  const MissingNumbers::Late middle = missing.take({12, 3});
  EXPECT_EQ(middle.found, 3U);
  EXPECT_EQ(middle.repeated, 0U);
  EXPECT_THAT(missing.first_ranges(), ElementsAre(NumberRange{10, 2}, NumberRange{15, 5}));
  const MissingNumbers::Late again = missing.take({11, 5});
  EXPECT_EQ(again.found, 2U);
  EXPECT_EQ(again.repeated, 3U);
  EXPECT_THAT(missing.first_ranges(), ElementsAre(NumberRange{10, 1}, NumberRange{16, 4}));
  missing.take({0, 100});
  EXPECT_THAT(missing.first_ranges(), IsEmpty());
  EXPECT_EQ(missing.count(), 0U);
}

TEST(MissingNumbers, OfTheMiddleAreOnlyCounted) {
  MissingNumbers missing;
  for (std::uint64_t i = 0; i < 1000; ++i) missing.add({10 * i, 2});
  EXPECT_EQ(missing.count(), 2000U);
  EXPECT_EQ(missing.first_ranges().size(), MissingNumbers::kFirst);
  EXPECT_EQ(missing.count_from(9990), 2U);
  EXPECT_EQ(missing.take({9990, 1}).found, 1U) << "the last are kept";
  EXPECT_EQ(missing.take({5000, 1}).unknown, 1U);
  EXPECT_EQ(missing.take({0, 1}).found, 1U);
  EXPECT_EQ(missing.count(), 1998U);
}

// Gaps and late arrivals by a seed, against a set of numbers.
TEST(MissingNumbers, AgreeWithASetOfNumbers) {
  for (std::uint32_t seed = 0; seed < 30; ++seed) {
    std::mt19937 random(seed);
    MissingNumbers missing;
    std::set<std::uint64_t> truth;
    std::uint64_t next = 0;
    bool all_known = true;
    for (int i = 0; i < 300; ++i) {
      const std::uint64_t count = 1 + random() % 9;
      if (random() % 3 != 0) {
        next += random() % 20 + 1;
        missing.add({next, count});
        for (std::uint64_t n = next; n < next + count; ++n) truth.insert(n);
        next += count;
        continue;
      }
      const std::uint64_t back = std::min<std::uint64_t>(next, random() % 60);
      const std::uint64_t first = next - back;
      const std::uint64_t came = std::min(back, count);
      if (came == 0) continue;
      std::uint64_t found = 0;
      for (std::uint64_t n = first; n < first + came; ++n) found += truth.erase(n);
      const MissingNumbers::Late late = missing.take({first, came});
      all_known &= late.unknown == 0;
      ASSERT_EQ(late.found + late.repeated + late.unknown, came);
      if (!all_known) break;
      ASSERT_EQ(late.found, found) << seed;
    }
    if (!all_known) continue;
    ASSERT_EQ(missing.count(), truth.size()) << seed;
    std::vector<std::uint64_t> listed;
    for (const NumberRange& range : missing.first_ranges()) {
      for (std::uint64_t i = 0; i < range.count; ++i) listed.push_back(range.first + i);
    }
    ASSERT_TRUE(std::equal(listed.begin(), listed.end(), truth.begin())) << seed;
  }
}

TEST(MissingNumbers, StayFewWhenRangesAreCutInTwo) {
  MissingNumbers missing;
  for (std::uint64_t i = 0; i < 200; ++i) missing.add({1'000'000 * i, 900'000});
  for (std::uint64_t i = 0; i < 5'000; ++i) missing.take({i * 100 + 50, 1});
  EXPECT_EQ(missing.first_ranges().size(), MissingNumbers::kFirst);
  EXPECT_LE(missing.count(), 200U * 900'000);
}

}  // namespace
}  // namespace metlog
