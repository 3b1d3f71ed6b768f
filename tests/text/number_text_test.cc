#include "metlog/internal/text/number_text.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <string_view>

namespace metlog {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// What `append` writes, into a buffer of exactly the room it asks for.
template <typename Number>
std::string text_of(char* (*append)(char*, Number), Number value,
                    std::size_t room = kMaxDoubleBytes) {
  const auto out = std::make_unique<char[]>(room);
  char* const end = append(out.get(), value);
  return {out.get(), end};
}

template <typename Real>
std::string json_of(Real value) {
  return text_of<Real>(append_json_double, value);
}
template <typename Real>
std::string log_text_of(Real value) {
  return text_of<Real>(append_text_double, value);
}
std::string short_of(double value) { return text_of(append_short_double, value); }
std::string integer_of(std::int64_t value) { return text_of(append_int, value, kMaxIntBytes); }
std::string unsigned_of(std::uint64_t value) { return text_of(append_uint, value, kMaxIntBytes); }

bool has_point_or_exponent(std::string_view text) {
  return text.find_first_of(".e") != std::string_view::npos;
}

/// What append_json_double has to write, by way of fmt alone.
template <typename Real>
std::string expected_json(Real value) {
  std::string text = fmt::format("{}", value);
  return has_point_or_exponent(text) ? text : text + ".0";
}

/// What append_short_double has to write, by way of the C library alone. The exponent form begins
/// one power of ten earlier than with printf, which thereby always leaves room for one decimal.
std::string expected_short(double value) {
  std::array<char, 40> out;
  std::snprintf(out.data(), out.size(), "%.11e", value);
  const int exponent = std::atoi(std::strchr(out.data(), 'e') + 1);
  std::snprintf(out.data(), out.size(), exponent == 11 ? "%.11e" : "%.12g", value);
  std::string text = out.data();
  if (exponent != 11) return has_point_or_exponent(text) ? text : text + ".0";
  text.erase(text.find('e'));
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text + "e+11";
}

template <typename Real>
void expect_all_forms_of(Real value) {
  ASSERT_EQ(json_of(value), expected_json(value));
  ASSERT_EQ(log_text_of(value), fmt::format("{}", value));
  ASSERT_EQ(short_of(static_cast<double>(value)), expected_short(static_cast<double>(value)));
}

TEST(NumberText, RendersRealsAsTheReferenceDidExceptForInfinity) {
  simdjson::dom::parser parser;
  const simdjson::dom::element golden = parser.load(METLOG_GOLDEN_DIR "/number_rendering.json");
  std::size_t count = 0;
  for (const simdjson::dom::element entry : golden["cases"]) {
    const std::string name{std::string_view(entry["double_repr"])};
    const double value = std::strtod(name.c_str(), nullptr);
    const std::string_view json = entry["json_form"];
    EXPECT_EQ(json_of(value), json == "Infinity" ? "null" : json) << name;
    EXPECT_EQ(short_of(value), std::string_view(entry["text_form_used_by_incr_timer_send_and_%s"]));
    ++count;
  }
  EXPECT_EQ(count, 16U);
}

TEST(NumberText, WritesIntegersOfEveryLength) {
  EXPECT_EQ(integer_of(0), "0");
  EXPECT_EQ(integer_of(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(integer_of(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
  EXPECT_EQ(unsigned_of(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  for (std::uint64_t power = 1; power <= 1'000'000'000'000'000'000; power *= 10) {
    for (const std::uint64_t value : {power - 1, power, power + 1, power * 9}) {
      EXPECT_EQ(unsigned_of(value), std::to_string(value));
    }
    EXPECT_EQ(integer_of(-static_cast<std::int64_t>(power)),
              std::to_string(power).insert(0, 1, '-'));
  }
}

TEST(NumberText, WritesIntegersOfEveryWidth) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 500'000; ++i) {
    const std::uint64_t value = random() >> (i % 64);
    ASSERT_EQ(unsigned_of(value), std::to_string(value));
    const auto with_sign = std::bit_cast<std::int64_t>(i % 2 == 0 ? value : ~value);
    ASSERT_EQ(integer_of(with_sign), std::to_string(with_sign));
  }
}

TEST(NumberText, MarksJsonRealsAsReals) {
  EXPECT_EQ(json_of(12.0), "12.0");
  EXPECT_EQ(json_of(-0.0), "-0.0");
  EXPECT_EQ(json_of(12.0F), "12.0");
  EXPECT_EQ(json_of(0.1F), "0.1");
  EXPECT_EQ(json_of(-4.25F), "-4.25");
  EXPECT_EQ(json_of(1e15F), "1000000000000000.0");
  EXPECT_EQ(json_of(9007199254740993.0), "9007199254740992.0");
}

TEST(NumberText, HasNoJsonForWhatIsNotANumber) {
  for (const double value : {kNan, -kNan, kInfinity, -kInfinity}) {
    EXPECT_EQ(json_of(value), "null");
    EXPECT_EQ(json_of(static_cast<float>(value)), "null");
  }
}

TEST(NumberText, NamesWhatIsNotANumberInTexts) {
  EXPECT_EQ(short_of(-kInfinity), "-inf");
  EXPECT_EQ(short_of(kNan), "nan");
  EXPECT_EQ(log_text_of(kInfinity), "inf");
  EXPECT_EQ(log_text_of(-kInfinity), "-inf");
  EXPECT_EQ(log_text_of(-kNan), "nan");
  EXPECT_EQ(log_text_of(static_cast<float>(-kInfinity)), "-inf");
}

TEST(NumberText, WritesLogTextsWithoutNeedlessPoint) {
  EXPECT_EQ(log_text_of(41.5), "41.5");
  EXPECT_EQ(log_text_of(1.0), "1");
  EXPECT_EQ(log_text_of(-0.0), "-0");
  EXPECT_EQ(log_text_of(0.1F), "0.1");
}

TEST(NumberText, BeginsTheExponentFormOfShortRealsAtTheEleventhPower) {
  EXPECT_EQ(short_of(99'999'999'999.0), "99999999999.0");
  EXPECT_EQ(short_of(99'999'999'999.9), "99999999999.9");
  EXPECT_EQ(short_of(99'999'999'999.96), "1e+11");
  EXPECT_EQ(short_of(-1e11), "-1e+11");
  EXPECT_EQ(short_of(123'000'000'000.0), "1.23e+11");
  EXPECT_EQ(short_of(1e-05), "1e-05");
  EXPECT_EQ(short_of(12'345'678'901.04), "12345678901.0");
}

TEST(NumberText, HoldsAtTheEdgesOfEveryFastPath) {
  for (int power = -324; power <= 308; ++power) {
    const double edge = std::strtod(fmt::format("1e{}", power).c_str(), nullptr);
    for (const double factor : {1.0, 2.0, 0.5, 0.1, 0.999999, 9.999995, 1.000001}) {
      double value = std::nextafter(std::nextafter(edge * factor, 0.0), 0.0);
      for (int step = 0; step < 5 && std::isfinite(value); ++step) {
        expect_all_forms_of(value);
        expect_all_forms_of(-value);
        if (std::isfinite(static_cast<float>(value)))
          expect_all_forms_of(static_cast<float>(value));
        value = std::nextafter(value, kInfinity);
      }
    }
  }
}

TEST(NumberText, AgreesWithFmtAndPrintfOnAnyBits) {
  std::mt19937_64 random(2);
  for (int i = 0; i < 300'000; ++i) {
    const std::uint64_t bits = random();
    const auto value = std::bit_cast<double>(bits);
    if (std::isfinite(value)) expect_all_forms_of(value);
    const auto single = std::bit_cast<float>(static_cast<std::uint32_t>(bits));
    if (std::isfinite(single)) expect_all_forms_of(single);
  }
}

TEST(NumberText, AgreesWithFmtAndPrintfOnWholeRealsAndOnFewDecimals) {
  std::mt19937_64 random(3);
  for (int i = 0; i < 300'000; ++i) {
    const auto digits = static_cast<double>(random() >> (i % 64));
    const double value = digits / std::pow(10.0, i % 9);
    expect_all_forms_of(value);
    expect_all_forms_of(std::nextafter(value, 0.0));
    expect_all_forms_of(std::nextafter(value, kInfinity));
    const auto single = static_cast<float>(digits) / std::pow(10.0F, static_cast<float>(i % 5));
    expect_all_forms_of(single);
    expect_all_forms_of(std::nextafter(single, 0.0F));
  }
}

TEST(NumberText, WritesRealsThatReadBackTheSame) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 200'000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(std::strtod(json_of(value).c_str(), nullptr), value);
  }
}

std::string fixed_of(double value) {
  return text_of(append_fixed_double, value, kMaxFixedDoubleBytes);
}

TEST(NumberText, WritesFixedRealsWithoutAnExponent) {
  EXPECT_EQ(fixed_of(0.00001), "0.00001");
  EXPECT_EQ(fixed_of(1.5e-7), "0.00000015");
  EXPECT_EQ(fixed_of(-1.25e-5), "-0.0000125");
  EXPECT_EQ(fixed_of(0.95), "0.95");
  EXPECT_EQ(fixed_of(0), "0.0");
  EXPECT_EQ(fixed_of(-0.0), "-0.0");
  EXPECT_EQ(fixed_of(23), "23.0");
  EXPECT_EQ(fixed_of(1e16), "10000000000000000.0");
  EXPECT_EQ(fixed_of(12345678901234567890.0), "12345678901234567168.0");
  EXPECT_EQ(fixed_of(-1.7976931348623157e308).substr(0, 20), "-1797693134862315708");
}

TEST(NumberText, WritesFixedRealsThatReadBackTheSame) {
  const auto check = [](double value) {
    const std::string text = fixed_of(value);
    EXPECT_EQ(text.find_first_not_of("-.0123456789"), std::string::npos) << text;
    EXPECT_NE(text.find('.'), std::string::npos) << text;
    EXPECT_EQ(std::bit_cast<std::uint64_t>(std::strtod(text.c_str(), nullptr)),
              std::bit_cast<std::uint64_t>(value))
        << text;
  };
  using Limits = std::numeric_limits<double>;
  for (const double value : {Limits::denorm_min(), Limits::min(), Limits::max(), -Limits::max(),
                             -2.2250738585072014e-308, 4.9406564584124654e-310}) {
    check(value);
  }
  for (int exponent = -324; exponent <= 308; ++exponent) {
    check(std::strtod(fmt::format("1e{}", exponent).c_str(), nullptr));
    check(std::strtod(fmt::format("-1.2345678901234567e{}", exponent).c_str(), nullptr));
  }
  std::mt19937_64 random(8);
  for (int i = 0; i < 20'000; ++i) {
    const auto value = std::bit_cast<double>(random());
    if (std::isfinite(value)) check(value);
  }
}

TEST(NumberText, WritesMillisecondsWithSixDecimals) {
  const auto milliseconds_of = [](std::uint64_t ns) {
    return text_of(append_milliseconds, ns, kMaxMillisecondsBytes);
  };
  EXPECT_EQ(milliseconds_of(0), "0.000000");
  EXPECT_EQ(milliseconds_of(4213), "0.004213");
  EXPECT_EQ(milliseconds_of(999'999), "0.999999");
  EXPECT_EQ(milliseconds_of(1'000'000), "1.000000");
  EXPECT_EQ(milliseconds_of(12'345'678'901), "12345.678901");
  EXPECT_EQ(milliseconds_of(std::numeric_limits<std::uint64_t>::max()), "18446744073709.551615");
}

TEST(NumberText, WritesIntegersOf128Bits) {
  const auto written = [](Int128 value) {
    char out[kMaxInt128Bytes];
    return std::string(out, append_int128(out, value));
  };
  const Int128 most = Int128{INT64_MAX} * INT64_MAX;
  EXPECT_EQ(written(0), "0");
  EXPECT_EQ(written(Int128{UINT64_MAX} + 1), "18446744073709551616");
  EXPECT_EQ(written(Int128{10'000'000'000'000'000'000ULL}), "10000000000000000000");
  EXPECT_EQ(written(Int128{10'000'000'000'000'000'000ULL} * 10 + 7), "100000000000000000007");
  EXPECT_EQ(written(most), "85070591730234615847396907784232501249");
  EXPECT_EQ(written(-most), "-85070591730234615847396907784232501249");
  char out[kMaxInt128Bytes];
  EXPECT_EQ(std::string(out, append_uint128(out, ~Uint128{0})),
            "340282366920938463463374607431768211455");
}

TEST(NumberText, SaysWhichLongDoublesFitADouble) {
  EXPECT_TRUE(fits_double(0.1L) && fits_double(0.0L) && fits_double(-1e308L));
  EXPECT_TRUE(fits_double(std::numeric_limits<long double>::infinity()));
  EXPECT_TRUE(fits_double(static_cast<long double>(std::numeric_limits<double>::denorm_min())));
  if (std::numeric_limits<long double>::max_exponent10 < 4000) return;
  EXPECT_FALSE(fits_double(1e309L) || fits_double(-1e309L) || fits_double(1e-330L));
  EXPECT_FALSE(fits_double(0.1L * std::numeric_limits<double>::min()));
}

}  // namespace
}  // namespace metlog
