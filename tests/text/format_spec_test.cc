// Specifications as std::format reads them. Where {fmt} writes the same, it is the judge; the other
// texts are written by hand.

#include "metlog/internal/text/format_spec.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <clocale>
#include <cstdio>
#include <cstring>
#include <limits>
#include <locale>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/site/composite.h"
#include "metlog/internal/site/format_check.h"

namespace metlog {
namespace {

/// The bytes of a value in a record.
template <class T>
std::string record_bytes(const T& value) {
  const auto reduced = reduce(value);
  if constexpr (kIsText<std::remove_cv_t<decltype(reduced)>>) {
    return {reduced.at, reduced.size};
  } else {
    std::string bytes(sizeof reduced, '\0');
    std::memcpy(bytes.data(), &reduced, sizeof reduced);
    return bytes;
  }
}

/// Writes the value, or returns the reason why it is refused.
template <class T>
std::string written(std::string_view spec, const T& value) {
  std::string_view code = kTypeCode<T>.view();
  if (const FormatError wrong = check_spec(spec, code); wrong.what != nullptr) return wrong.what;
  const std::string bytes = record_bytes(value);
  const std::size_t bound =
      kValueTextExtra + value_text_growth(code) * bytes.size() + spec_text_growth(spec, code);
  std::vector<char> out(bound);
  ByteCursor cursor(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  const char* const end = code == "s" ? append_text_with_spec(out.data(), spec, bytes)
                                      : append_with_spec(out.data(), spec, code, cursor);
  const auto size = static_cast<std::size_t>(end - out.data());
  EXPECT_LE(size, bound) << spec;
  return {out.data(), size};
}

template <class T>
void expect_as_fmt(std::initializer_list<std::string_view> specs, const T& value) {
  for (const std::string_view spec : specs) {
    const std::string format = "{:" + std::string(spec) + "}";
    EXPECT_EQ(written(spec, value), fmt::format(fmt::runtime(format), value)) << format;
  }
}

TEST(FormatSpec, IsThatOfStdFormatForIntegers) {
  for (const std::int64_t value : {std::int64_t{42}, std::int64_t{-42}, std::int64_t{0},
                                   std::numeric_limits<std::int64_t>::min()}) {
    expect_as_fmt({"5",  "<5", "^5", ">5",  "*^9",   "+", "-", " ", "#", "05", "+05", "#x", "#X",
                   "#o", "#b", "#B", "08x", "#010x", "d", "x", "X", "o", "b",  "B",   "L",  "+Ld"},
                  value);
  }
  expect_as_fmt({"5", "<5", "05", "#x", "o", "b", "L"}, std::uint64_t{UINT64_MAX});
  expect_as_fmt({"40", "#x", "b"}, Uint128{1} << 100);
  EXPECT_EQ(written("<05", 42), "42   ");  // the zero is ignored beside an alignment
  EXPECT_EQ(written("c", 65), "A");
  EXPECT_EQ(written("3c", 65), "A  ");
  EXPECT_EQ(written("c", 300), "{?c}");
  EXPECT_EQ(written("c", UINT64_MAX), "{?c}");
}

TEST(FormatSpec, MayHaveASignForUnsignedNumbers) {
  EXPECT_EQ(written("+", 42U), "+42");
  EXPECT_EQ(written(" ", 42U), " 42");
  EXPECT_EQ(written("-", 42U), "42");
  EXPECT_EQ(written("+05", 42U), "+0042");
  EXPECT_EQ(written("+#x", 255U), "+0xff");
  EXPECT_EQ(written("+", UINT64_MAX), "+18446744073709551615");
  EXPECT_EQ(written("+", std::uint8_t{5}), "+5");
}

TEST(FormatSpec, IsThatOfStdFormatForReals) {
  for (const double value : {3.14159, -2.5, 0.0, 1e300, std::numeric_limits<double>::infinity()}) {
    expect_as_fmt({"9",      "+",    "f",    ".2f",     "e", ".3e", "E", "g",    ".3",  ".3g",
                   "010.2f", "+.1f", "#.0f", "*^12.2f", "F", "G",   "L", ".2Lf", "012", "#g"},
                  value);
  }
  EXPECT_EQ(written("<09", 2.5), "2.5      ");
  expect_as_fmt({".2f", "+e", "12"}, 2.5F);
  EXPECT_EQ(written(".2f", std::numeric_limits<long double>::denorm_min()), "0.00");
  EXPECT_EQ(written("#.0e", 2.0L), "2.e+00");
  EXPECT_EQ(written("09.2f", -2.5L), "-00002.50");
  expect_as_fmt({".2f", "+e", "e", "g", "+.3g", "12"}, 1e310L);
}

TEST(FormatSpec, WritesHexadecimalRealsWithoutPrefix) {
  EXPECT_EQ(written("a", 1.5), "1.8p+0");
  EXPECT_EQ(written("A", -1.5), "-1.8P+0");
  EXPECT_EQ(written("10a", 1.5), "    1.8p+0");
  EXPECT_EQ(written("<10a", 1.5), "1.8p+0    ");
  EXPECT_EQ(written("010a", -1.5), "-0001.8p+0");
  EXPECT_EQ(written("+.3a", 1.5), "+1.800p+0");
  EXPECT_EQ(written("#a", 1.0), "1.p+0");
  EXPECT_EQ(written("05a", std::numeric_limits<double>::infinity()), "  inf");
}

TEST(FormatSpec, WritesAsManyDigitsAsAreAskedFor) {
  std::vector<char> expected(12'000);
  for (const double value : {1.0, 0.1, 5e-324, 1e300}) {
    for (const int precision : {201, 768, 2000, 9999}) {
      const std::string digits = '.' + std::to_string(precision);
      std::snprintf(expected.data(), expected.size(), "%.*f", precision, value);
      EXPECT_EQ(written(digits + 'f', value), expected.data());
      std::snprintf(expected.data(), expected.size(), "%.*e", precision, value);
      EXPECT_EQ(written(digits + 'e', value), expected.data());
    }
  }
}

TEST(FormatSpec, IsThatOfStdFormatForStringsAndChars) {
  for (const char* const text : {"h\u00e9\u00e9", "a\nb\"", "", "bad \xff", "\u65e5\u672c\u8a9e"}) {
    expect_as_fmt({"5", "<5", "^6", ">7", ".2", ".3s", "s", "5.1", "*^9.2", "?", "12?"},
                  std::string(text));
  }
  EXPECT_EQ(written("3", 'x'), "x  ");
  EXPECT_EQ(written(">3c", 'x'), "  x");
  EXPECT_EQ(written("#x", 'x'), "0x78");
  EXPECT_EQ(written("d", '\xff'), "255");
  EXPECT_EQ(written("?", '\n'), "'\\n'");
  EXPECT_EQ(written("3", L'\u00e4'), "\u00e4  ");
  EXPECT_EQ(written("x", U'\U0001F600'), "1f600");
  EXPECT_EQ(written("5?", L'\u00e4'), "'\u00e4'  ");
}

TEST(FormatSpec, IsThatOfStdFormatForBoolsAndPointers) {
  EXPECT_EQ(written("6", true), "true  ");
  EXPECT_EQ(written(">6s", false), " false");
  EXPECT_EQ(written("+d", true), "+1");
  EXPECT_EQ(written("#x", true), "0x1");
  EXPECT_EQ(written("6", static_cast<void*>(nullptr)), "   0x0");
  EXPECT_EQ(written("<6p", static_cast<void*>(nullptr)), "0x0   ");
}

TEST(FormatSpec, FillsWithAnyCharacter) {
  EXPECT_EQ(written("\u00e9<5", 1), "1\u00e9\u00e9\u00e9\u00e9");
  EXPECT_EQ(written("\U0001F600^5", std::string("x")), "\U0001F600\U0001F600x\U0001F600\U0001F600");
  EXPECT_EQ(written("0<5", 1), "10000");
  EXPECT_EQ(written("<<5", 1), "1<<<<");
  EXPECT_EQ(written("\"^5", true), "true\"");
}

TEST(FormatSpec, IsFillAlignAndWidthForTimes) {
  EXPECT_EQ(written("8", std::chrono::seconds(5)), "5s      ");
  EXPECT_EQ(written(">30", std::chrono::sys_days{}), "   1970-01-01T00:00:00.000000Z");
  EXPECT_EQ(written("*^28", std::chrono::local_days{}), "*1970-01-01T00:00:00.000000*");
  EXPECT_EQ(written(">18", std::chrono::steady_clock::time_point{}), "   0ns since epoch");
  for (const char* const spec : {"+", "#", "05", "L"}) {
    EXPECT_EQ(written(spec, std::chrono::seconds(5)).find("only a number"), 0U) << spec;
  }
  EXPECT_EQ(written(".3", std::chrono::seconds(5)),
            "a time or duration is printed with fill, align and width alone");
}

/// A locale with other words and separators.
struct Loud : std::numpunct<char> {
  [[nodiscard]] char do_thousands_sep() const override { return '_'; }
  [[nodiscard]] std::string do_grouping() const override { return "\1"; }
  [[nodiscard]] std::string do_truename() const override { return "YES"; }
};

TEST(FormatSpec, AsksTheGlobalLocaleForL) {
  const std::locale before = std::locale::global(std::locale(std::locale::classic(), new Loud));
  EXPECT_EQ(written("L", 1234), "1_2_3_4");
  EXPECT_EQ(written("L", true), "YES");
  EXPECT_EQ(written("d", 1234), "1234");
  EXPECT_GT(written(".0Lf", 1e300).size(), 600U);
  std::locale::global(before);
}

SpecNumber given(Int128 value) { return {SpecNumber::State::kGiven, value}; }

std::string resolved(std::string_view spec, const SpecNumber& width, const SpecNumber& precision) {
  const ResolvedSpec numbers = resolve_spec(spec, width, precision);
  return numbers.spec + "|" + numbers.complaint;
}

TEST(FormatSpec, TakesItsNumbersFromArguments) {
  EXPECT_EQ(resolved("{}", given(5), {}), "5|");
  EXPECT_EQ(resolved("*^{}.{}f", given(5), given(3)), "*^5.3f|");
  EXPECT_EQ(resolved(">{2}", given(9999), {}), ">9999|");
  EXPECT_EQ(resolved(">{}", given(0), {}), ">|");
  EXPECT_EQ(resolved(".{}", {}, given(0)), ".0|");
}

TEST(FormatSpec, SaysWhichNumberItLeavesOut) {
  EXPECT_EQ(resolved(">{}", given(-1), {}), ">|{?width -1}");
  EXPECT_EQ(resolved(">{}", given(10'000), {}), ">|{?width 10000}");
  EXPECT_EQ(resolved("{}.{}f", given(std::int64_t{1} << 31), given(-2)),
            "f|{?width 2147483648}{?precision -2}");
  EXPECT_EQ(resolved("{}", {SpecNumber::State::kWrong}, {}), "|{?width}");
}

}  // namespace
}  // namespace metlog
