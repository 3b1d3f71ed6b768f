#include "metlog/internal/text/nearest_name.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace metlog {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"message_matcher", "encoder", "type", "url"};

TEST(NearestName, FindsWhatWasMeant) {
  EXPECT_EQ(nearest_name("mesage_matcher", kNames), "message_matcher");
  EXPECT_EQ(nearest_name("message_match", kNames), "message_matcher");
  EXPECT_EQ(nearest_name("ENCODER", kNames), "encoder");
  EXPECT_EQ(nearest_name("tpye", kNames), "type");
  EXPECT_EQ(nearest_name("uri", kNames), "url");
}

TEST(NearestName, FindsNothingFarAway) {
  EXPECT_EQ(nearest_name("", kNames), "");
  EXPECT_EQ(nearest_name("buffer", kNames), "");
  EXPECT_EQ(nearest_name("tttt", kNames), "");
  EXPECT_EQ(nearest_name(std::string(100'000, 'x'), kNames), "");
}

}  // namespace
}  // namespace metlog
