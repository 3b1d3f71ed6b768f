#include "metlog/internal/site/type_code.h"

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "metlog/internal/site/reduce.h"

namespace metlog {
namespace {

template <class T>
constexpr bool has_code(std::string_view code) {
  return kTypeCode<T>.view() == code;
}

enum class Tiny : std::int8_t { kOne = 1 };
enum class Wide : std::uint64_t { kOne = 1 };
enum class Letter : char { kA = 'a' };

struct Number {};
int metlog_reduce(const Number&) { return 5; }
struct Words {};
std::string metlog_reduce(const Words&) { return "w"; }
struct Both {};
[[maybe_unused]] std::tuple<Number, Words> metlog_reduce(const Both&) { return {}; }

static_assert(has_code<bool>("b") && has_code<char>("c"));
static_assert(has_code<signed char>("i") && has_code<short>("i") && has_code<int>("i"));
static_assert(has_code<unsigned char>("u") && has_code<unsigned short>("u"));
static_assert(has_code<unsigned>("u"));
static_assert(has_code<wchar_t>("C") && has_code<char8_t>("C") && has_code<char16_t>("C") &&
              has_code<char32_t>("C"));
static_assert(has_code<Int128>("w") && has_code<Uint128>("W"));
static_assert(has_code<long>("l") && has_code<long long>("l") && has_code<std::int64_t>("l"));
static_assert(has_code<unsigned long>("m") && has_code<std::size_t>("m"));
static_assert(has_code<float>("f") && has_code<double>("d") && has_code<long double>("q"));
static_assert(has_code<Float128>("q"));
static_assert(has_code<Tiny>("i") && has_code<Wide>("m") && has_code<Letter>("c"));
static_assert(has_code<void*>("p") && has_code<const int*>("p") && has_code<std::nullptr_t>("p"));
static_assert(has_code<void (*)()>("p") && has_code<void()>("p"));
static_assert(has_code<const char*>("s") && has_code<char*>("s") && has_code<char[8]>("s"));
static_assert(has_code<std::string>("s") && has_code<std::string_view>("s"));
static_assert(has_code<std::wstring>("s") && has_code<char16_t[3]>("s"));
static_assert(has_code<const wchar_t*>("s") && has_code<std::u8string_view>("s"));
static_assert(has_code<std::filesystem::path>("s"));
static_assert(has_code<volatile bool>("b") && has_code<volatile float>("f"));

static_assert(has_code<std::chrono::nanoseconds>("Dn") &&
              has_code<std::chrono::microseconds>("Du"));
static_assert(has_code<std::chrono::milliseconds>("Dm") && has_code<std::chrono::seconds>("Ds"));
static_assert(has_code<std::chrono::minutes>("DM") && has_code<std::chrono::hours>("Dh"));
static_assert(has_code<std::chrono::days>("Dd") && has_code<std::chrono::weeks>("Js"));
static_assert(has_code<std::chrono::duration<int, std::ratio<1, 3>>>("Qs"));
static_assert(has_code<std::chrono::duration<std::uint64_t>>("Js"));
static_assert(has_code<std::chrono::duration<double>>("Es"));
static_assert(has_code<std::chrono::duration<float, std::milli>>("Em"));
static_assert(has_code<std::chrono::system_clock::time_point>("T"));
static_assert(has_code<std::chrono::sys_seconds>("Us") && has_code<std::chrono::sys_days>("Ud"));
static_assert(has_code<std::chrono::local_days>("Ud~"));
static_assert(has_code<std::chrono::file_clock::time_point>("t"));
static_assert(has_code<std::chrono::steady_clock::time_point>("Dn@"));

static_assert(has_code<std::optional<int>>("oi") && has_code<std::optional<std::string>>("os"));
static_assert(has_code<std::variant<std::monostate, int, std::string>>("|zis)"));
static_assert(has_code<std::pair<int, double>>("(id)") && has_code<std::tuple<>>("()"));
static_assert(has_code<std::tuple<char, std::tuple<bool>, float>>("(c(b)f)"));
static_assert(has_code<std::vector<int>>("[i") && has_code<std::array<char, 3>>("[c"));
static_assert(has_code<int[3]>("[i") && has_code<char[2][8]>("[s"));
static_assert(has_code<std::vector<bool>>("[b") && has_code<std::set<long>>("[l"));
static_assert(has_code<std::list<float>>("[f") && has_code<std::deque<std::string>>("[s"));
static_assert(has_code<std::unordered_set<unsigned>>("[u"));
static_assert(has_code<std::map<std::string, int>>("{si"));
static_assert(has_code<std::unordered_map<int, std::vector<bool>>>("{i[b"));
static_assert(has_code<std::map<std::pair<int, int>, char>>("[((ii)c)"));

static_assert(has_code<Number>("i") && has_code<Words>("s") && has_code<Both>("(is)"));
static_assert(has_code<std::vector<Both>>("[(is)") && has_code<std::map<Words, Number>>("{si"));

// The form in a record, and how wide it is.
template <class T>
using Reduced = decltype(reduce(std::declval<const T&>()));
static_assert(std::is_same_v<Reduced<short>, std::int32_t>);
static_assert(std::is_same_v<Reduced<unsigned char>, std::uint32_t>);
static_assert(std::is_same_v<Reduced<long>, std::int64_t>);
static_assert(std::is_same_v<Reduced<bool>, bool> && std::is_same_v<Reduced<char>, char>);
static_assert(std::is_same_v<Reduced<float>, float> && std::is_same_v<Reduced<Letter>, char>);
static_assert(std::is_same_v<Reduced<long double>, Uint128>);
static_assert(std::is_same_v<Reduced<int*>, std::uint64_t>);
static_assert(std::is_same_v<Reduced<std::string>, TextRef>);
static_assert(std::is_same_v<Reduced<const char*>, TextRef>);
static_assert(std::is_same_v<Reduced<Number>, std::int32_t>);
static_assert(std::is_same_v<Reduced<Words>, CompositeValue<std::string>>);
static_assert(reduce(std::chrono::seconds(5)) == 5);
static_assert(reduce(std::chrono::sys_seconds(std::chrono::seconds(5))) == 5);
static_assert(reduce(std::string_view("abc")).size == 3);

/// The code of a scalar gives its width in a record.
template <class... T>
void expect_width_as_coded() {
  const auto expect_one = [](std::size_t bytes, std::string_view code) {
    EXPECT_EQ(bytes, scalar_bytes(code[0])) << code;
  };
  (expect_one(sizeof(Reduced<T>), kTypeCode<T>.view()), ...);
}

TEST(TypeCode, TellsTheWidthOfEveryScalar) {
  expect_width_as_coded<bool, char, signed char, short, int, long, unsigned, std::uint64_t, float,
                        double, long double, void*, std::nullptr_t, Tiny, Wide, Letter,
                        std::chrono::seconds, std::chrono::duration<float>,
                        std::chrono::system_clock::time_point, std::chrono::sys_days,
                        std::chrono::local_days, std::chrono::file_clock::time_point,
                        std::chrono::weeks, std::chrono::duration<long double>, Int128, Uint128,
                        wchar_t, char8_t, char16_t, char32_t, Number>();
  EXPECT_EQ(scalar_bytes('s'), 0U);
  EXPECT_EQ(scalar_bytes('['), 0U);
}

}  // namespace
}  // namespace metlog
