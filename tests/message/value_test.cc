#include "metlog/value.h"

#include <gtest/gtest.h>

#include <type_traits>

namespace metlog {
namespace {

__extension__ using Wide = __int128;

TEST(Value, OfACharacterIsText) {
  EXPECT_EQ(Value('a'), Value("a"));
  EXPECT_EQ(Value(static_cast<unsigned char>(200)), Value(200));
  static_assert(!std::is_constructible_v<Value, char32_t>);
}

TEST(Value, OfAWholeNumberKeepsAllItsBits) {
  EXPECT_EQ(Value(UINT64_MAX), Value(Digits{"18446744073709551615"}));
  EXPECT_EQ(*Value(INT64_MIN).as_integer(), INT64_MIN);
  static_assert(!std::is_constructible_v<Value, Wide>);
}

TEST(Value, IsOfTheKindThatItWasMadeFrom) {
  EXPECT_EQ(Value().kind(), Value::Kind::kNull);
  EXPECT_EQ(Value(true).kind(), Value::Kind::kBool);
  EXPECT_EQ(Value(std::uint8_t{7}).kind(), Value::Kind::kInteger);
  EXPECT_EQ(Value(1.5F).kind(), Value::Kind::kReal);
  EXPECT_EQ(Value("a").kind(), Value::Kind::kText);
  EXPECT_EQ(Value(ValueList{1, "b"}).kind(), Value::Kind::kList);
  EXPECT_EQ(Value(ValueMap{{"a", 1}}).kind(), Value::Kind::kMap);
}

TEST(Value, KeepsWhatSixtyFourBitsDoNotHoldAsDigits) {
  const Value value(UINT64_MAX);
  ASSERT_NE(value.as_digits(), nullptr);
  EXPECT_EQ(value.as_digits()->text, "18446744073709551615");
  EXPECT_NE(Value(INT64_MIN).as_integer(), nullptr);
}

TEST(ValueMap, KeepsTheOrderAndTheLastValueOfAKey) {
  ValueMap map{{"b", 1}, {"a", 2}};
  map.set("b", "new");
  ASSERT_EQ(map.size(), 2U);
  EXPECT_EQ(map.begin()->key, "b");
  EXPECT_EQ(*map.find("b"), Value("new"));
  EXPECT_TRUE(map.erase("b"));
  EXPECT_FALSE(map.erase("b"));
  EXPECT_EQ(map.find("b"), nullptr);
}

TEST(ValueMap, IsEqualWhateverItsOrder) {
  EXPECT_EQ(Value(ValueMap{{"a", 1}, {"b", 2}}), Value(ValueMap{{"b", 2}, {"a", 1}}));
  EXPECT_FALSE(Value(ValueMap{{"a", 1}}) == Value(ValueMap{{"a", true}}));
  EXPECT_FALSE(Value(ValueMap{{"a", 1}}) == Value(ValueMap{{"b", 1}}));
}

}  // namespace
}  // namespace metlog
