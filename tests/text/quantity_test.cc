#include "metlog/internal/text/quantity.h"

#include <gtest/gtest.h>

#include <chrono>

namespace metlog {
namespace {

using namespace std::chrono_literals;

TEST(Quantity, ReadsBytes) {
  EXPECT_EQ(parse_bytes("0"), 0U);
  EXPECT_EQ(parse_bytes("262144"), 262144U);
  EXPECT_EQ(parse_bytes("12B"), 12U);
  for (const char* text : {"16MiB", "16 MiB", "16mb", "16 M", "16m", "16384KiB"}) {
    EXPECT_EQ(parse_bytes(text), 16U << 20U) << text;
  }
  EXPECT_EQ(parse_bytes("16383PiB"), std::nullopt);
  EXPECT_EQ(parse_bytes("16777215TiB"), 16777215ULL << 40U);
  EXPECT_EQ(parse_bytes("16777216TiB"), std::nullopt);  // 2^64
  for (const char* text :
       {"", " 1", "-1", "1.5MiB", "MiB", "1 MiBs", "1 ib", "1e3", "0x10", "1 k b"}) {
    EXPECT_EQ(parse_bytes(text), std::nullopt) << text;
  }
}

TEST(Quantity, ReadsDurations) {
  EXPECT_EQ(parse_duration("0"), 0ns);
  EXPECT_EQ(parse_duration("500ms"), 500ms);
  EXPECT_EQ(parse_duration("1.5 s"), 1500ms);
  EXPECT_EQ(parse_duration("10m"), 10min);
  EXPECT_EQ(parse_duration("10min"), 10min);
  EXPECT_EQ(parse_duration("2H"), 2h);
  EXPECT_EQ(parse_duration("1d"), 24h);
  EXPECT_EQ(parse_duration("250us"), 250us);
  EXPECT_EQ(parse_duration("7ns"), 7ns);
  for (const char* text :
       {"", "5", "s", "-1s", "1 parsec", "inf s", "nan", "1e400s", "40000d", "1 s s"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(Quantity, IsShownAsItIsRead) {
  EXPECT_EQ(bytes_text(16U << 20U), "16MiB");
  EXPECT_EQ(bytes_text(1500), "1500B");
  EXPECT_EQ(bytes_text(0), "0B");
  EXPECT_EQ(duration_text(30s), "30s");
  EXPECT_EQ(duration_text(90s), "90s");
  EXPECT_EQ(duration_text(600s), "10m");
  EXPECT_EQ(duration_text(1500us), "1500us");
  EXPECT_EQ(duration_text(0s), "0");
}

}  // namespace
}  // namespace metlog
