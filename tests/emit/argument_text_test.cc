// Strings and characters of any type, in the text and as a field.

#include <gmock/gmock.h>

#include <array>
#include <cstddef>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/written_value.h"

namespace metlog {
namespace {

TEST(Argument, IsACString) {
  expect_written("literal", as_word("literal"));
  expect_written("", as_word(""));
  const char* const text = "a \"pointer\"";
  expect_written(text, as_word("a \\\"pointer\\\""));
  char writable[] = "writable";
  expect_written(static_cast<char*>(writable), as_word("writable"));
  expect_written(static_cast<const char*>(nullptr), as_word("(null)"));
  expect_written(static_cast<char*>(nullptr), as_word("(null)"));
}

TEST(Argument, IsACharArrayWithoutItsEnd) {
  const char whole[4] = {'f', 'u', 'l', 'l'};
  expect_written(whole, as_word("full"));
  const char partial[8] = {'h', 'a', 'l', 'f', 0, 'x', 'x', 'x'};
  expect_written(partial, as_word("half"));
}

TEST(Argument, IsAText) {
  expect_written(std::string("string"), as_word("string"));
  expect_written(std::string_view("a view").substr(2), as_word("view"));
  expect_written(std::string_view(), as_word(""));
  expect_written(std::string("nul\0inside", 10), as_word("nul\\u0000inside"));
  expect_written(std::string("\xc3\xa4\xe2\x82\xac"), as_word("\xc3\xa4\xe2\x82\xac"));
  expect_written(std::string("tab\tback\\slash\x01"), as_word("tab\\tback\\\\slash\\u0001"));
  expect_written(std::string("bad \xff\xc3"), as_word("bad \xef\xbf\xbd\xef\xbf\xbd"));
}

TEST(Argument, IsATextOfAnyCharacterAsUtf8) {
  expect_written(std::wstring(L"a\u00e4\u20ac\U0001F600"), as_word("a\u00e4\u20ac\U0001F600"));
  expect_written(std::wstring_view(L"view"), as_word("view"));
  expect_written(std::u8string(u8"\u00e4"), as_word("\u00e4"));
  expect_written(std::u16string(u"a\u00e4\U0001F600"), as_word("a\u00e4\U0001F600"));
  expect_written(std::u32string(U"a\U0001F600"), as_word("a\U0001F600"));
  expect_written(std::basic_string<unsigned char>{'h', 'i'}, as_word("hi"));
  expect_written(L"literal", as_word("literal"));
  expect_written(u8"literal", as_word("literal"));
  expect_written(u"literal", as_word("literal"));
  expect_written(U"", as_word(""));
  const char16_t* const pointer = u"a \"pointer\"";
  expect_written(pointer, as_word("a \\\"pointer\\\""));
  expect_written(static_cast<const wchar_t*>(nullptr), as_word("(null)"));
  expect_written(static_cast<const char8_t*>(nullptr), as_word("(null)"));
  const wchar_t whole[2] = {L'a', L'b'};
  expect_written(whole, as_word("ab"));
  expect_written(std::filesystem::path("/tmp/\u00e4"), as_word("/tmp/\u00e4"));
  expect_written(std::wstring(L"nul\0\n", 5), as_word("nul\\u0000\\n"));
}

TEST(Argument, IsRepairedWhenAWideTextIsInvalid) {
  const std::string mark = "\ufffd";
  expect_written(std::u16string{0xD800}, as_word(mark));
  expect_written(std::u16string{0xDC00, u'a', 0xD83D}, as_word(mark + "a" + mark));
  expect_written(std::u16string{0xD83D, 0xD83D, 0xDE00}, as_word(mark + "\U0001F600"));
  expect_written(std::u32string{0x110000, 0xD800, 0xFFFFFFFF}, as_word(mark + mark + mark));
  expect_written(std::wstring{static_cast<wchar_t>(-1)}, as_word(mark));
  expect_written(std::u8string{char8_t{0xff}}, as_word(mark));
}

TEST(Argument, IsACharacterOfAnyType) {
  expect_written(L'\u00e4', as_word("\u00e4"));
  expect_written(u8'a', as_word("a"));
  expect_written(u'\u20ac', as_word("\u20ac"));
  expect_written(U'\U0001F600', as_word("\U0001F600"));
  expect_written(U'"', as_word("\\\""));
  expect_written(char16_t{0xD800}, as_word("\ufffd"));
  expect_written(char32_t{0x110000}, as_word("\ufffd"));
  expect_written(static_cast<char8_t>(0xc3), as_word("\ufffd"));  // a byte is no character
  enum class Letter : wchar_t { kB = L'b' };
  expect_written(Letter::kB, as_word("b"));
}

TEST(Argument, IsAWideTextInsideOfOtherValues) {
  expect_written(std::vector<std::wstring>{L"a", L"\u00e4"},
                 {"[\\\"a\\\",\\\"\u00e4\\\"]", "[\"a\",\"\u00e4\"]"});
  expect_written(std::map<std::u16string, std::wstring>{{u"k", L"v"}},
                 {R"({\"k\":\"v\"})", R"({"k":"v"})"});
  expect_written(std::optional<std::u32string>(U"x"), {R"(\"x\")", R"("x")"});
  expect_written(std::pair(L'x', std::u8string(u8"y")), {R"([\"x\",\"y\"])", R"(["x","y"])"});
  expect_written(std::vector<wchar_t>{L'a', L'b'}, {R"([\"a\",\"b\"])", R"(["a","b"])"});
  expect_written(std::map<char32_t, int>{{U'\u00e4', 1}}, {"{\\\"\u00e4\\\":1}", "{\"\u00e4\":1}"});
  expect_written(std::vector<std::filesystem::path>{"/a"}, {R"([\"/a\"])", R"(["/a"])"});
  // Bytes are numbers, not texts.
  expect_written(std::vector<unsigned char>{97, 98}, as_number("[97,98]"));
  expect_written(std::array{std::byte{1}, std::byte{255}}, as_number("[1,255]"));
}

TEST(Argument, IsLostAsTooBigWhenAWideTextIsLongerThanACallMayBe) {
  TestEngine test;
  METLOG_INFO(test.log(), "{}", std::wstring(16 * 1024 + 1, L'x'));
  METLOG_INFO(test.log(), "{}", std::wstring(16 * 1024, L'x'));
  const std::vector<std::string> messages = test.settle();
  EXPECT_EQ(test.client().stats().lost[LossReason::kTooBig], 1U);
  EXPECT_THAT(messages, testing::Contains(testing::HasSubstr(std::string(16 * 1024, 'x'))));
}

}  // namespace
}  // namespace metlog
