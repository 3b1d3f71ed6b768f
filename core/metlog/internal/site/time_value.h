#pragma once

#include <cstddef>
#include <cstdint>

#include "metlog/internal/site/type_concepts.h"

namespace metlog {

// Durations and time points of any period and count, and of any clock, in the form in which a
// record holds them. What is usual, a count of 64 bits in a usual unit, is stored unchanged. The
// rest is widened. Nothing is cut, and nothing overflows.

/// Returns the letter of a duration's period; 0 for one without a letter, whose count is converted
/// to seconds.
template <class Period>
consteval char unit_letter() {
  constexpr auto kIs = [](std::intmax_t num, std::intmax_t den) {
    return Period::num == num && Period::den == den;
  };
  if (kIs(1, 1000000000)) return 'n';
  if (kIs(1, 1000000)) return 'u';
  if (kIs(1, 1000)) return 'm';
  if (kIs(1, 1)) return 's';
  if (kIs(60, 1)) return 'M';
  if (kIs(3600, 1)) return 'h';
  if (kIs(86400, 1)) return 'd';
  return 0;
}

template <class T>
inline constexpr bool kIsInteger = std::is_integral_v<T> || Integer128<T>;
/// True for integers of which int64 holds every value.
template <class T>
inline constexpr bool kFitsInt64 = std::is_integral_v<T> &&
                                   (sizeof(T) < 8 || (sizeof(T) == 8 && std::is_signed_v<T>));
/// True for integers of which Int128 holds every value.
template <class T>
inline constexpr bool kFitsInt128 = kIsInteger<T> && !std::same_as<T, Uint128>;

/// A count that is no fundamental number is converted to a long double.
template <class Rep>
constexpr long double real_count(const Rep& count) {
  static_assert(
      kIsInteger<Rep> || std::is_floating_point_v<Rep> || LongReal<Rep> ||
          requires { static_cast<long double>(count); },
      "metlog cannot log a duration whose count does not convert to long double: "
      "duration_cast it first");
  return static_cast<long double>(count);
}

// Durations.

/// Returns the letter of a duration's count, see type_code.h.
template <Duration T>
consteval char duration_letter() {
  using Rep = typename T::rep;
  constexpr bool kHasUnit = unit_letter<typename T::period>() != 0;
  if (kHasUnit && kFitsInt64<Rep>) return 'D';
  if (kHasUnit && (std::is_same_v<Rep, double> || std::is_same_v<Rep, float>)) return 'E';
  if (kHasUnit && kFitsInt128<Rep>) return 'J';
  // The product of two numbers of 64 bits.
  if (T::period::den == 1 && std::is_integral_v<Rep> && sizeof(Rep) <= 8) return 'J';
  return 'Q';
}

/// The bits of a long double, without its padding.
inline Uint128 long_real_bits(long double value) {
  constexpr std::size_t kBytes = __LDBL_MANT_DIG__ == 64 ? 10 : sizeof value;
  Uint128 bits = 0;
  __builtin_memcpy(&bits, &value, kBytes);
  return bits;
}

template <Duration T>
constexpr auto reduce_duration(const T& value) {
  using Period = typename T::period;
  constexpr char kLetter = duration_letter<T>();
  constexpr bool kHasUnit = unit_letter<Period>() != 0;
  if constexpr (kLetter == 'D') {
    return static_cast<std::int64_t>(value.count());
  } else if constexpr (kLetter == 'E') {
    return static_cast<double>(value.count());
  } else if constexpr (kLetter == 'J') {
    return Int128{value.count()} * (kHasUnit ? 1 : Period::num);
  } else if constexpr (kHasUnit) {
    return long_real_bits(real_count(value.count()));
  } else {
    return long_real_bits(real_count(value.count()) * static_cast<long double>(Period::num) /
                          static_cast<long double>(Period::den));
  }
}

// Time points.

/// The origin of a clock's times.
enum class Epoch : std::uint8_t {
  kUnix,         // system_clock
  kLocal,        // local_t: 1970-01-01 in an unknown time zone
  kConvertible,  // a clock that says what UTC is at its times: file_clock, utc_clock, tai_clock
  kUnknown,      // steady_clock and others: the time since then is all that can be said
};

template <TimePoint T>
consteval Epoch epoch_of() {
  using ItsClock = typename T::clock;
  if (requires { ItsClock::to_time_t(typename ItsClock::time_point{}); }) return Epoch::kUnix;
  if (requires { ItsClock::to_sys(typename ItsClock::time_point{}); }) return Epoch::kConvertible;
  if (requires { ItsClock::to_utc(typename ItsClock::time_point{}); }) return Epoch::kConvertible;
  // A clock that is declared only has unknown functions.
  if (
      requires { sizeof(ItsClock); } && !requires { ItsClock::now(); })
    return Epoch::kLocal;
  return Epoch::kUnknown;
}

/// A time after the Unix epoch with a range beyond that of int64 nanoseconds.
struct WideTime {
  std::int64_t seconds;  // rounded down
  std::int64_t ns;       // from 0 to 999'999'999, or one of the following

  static constexpr std::int64_t kNan = -1;
  static constexpr std::int64_t kAfter = -2;   // later than the last second that int64 can count to
  static constexpr std::int64_t kBefore = -3;  // earlier than the first
  static constexpr std::int64_t kInfinity = -4;
  static constexpr std::int64_t kMinusInfinity = -5;

  /// The form in a record.
  [[nodiscard]] constexpr Uint128 bits() const {
    return Uint128{static_cast<std::uint64_t>(ns)} << 64 | static_cast<std::uint64_t>(seconds);
  }
  static constexpr WideTime of_bits(Uint128 bits) {
    return {static_cast<std::int64_t>(static_cast<std::uint64_t>(bits)),
            static_cast<std::int64_t>(static_cast<std::uint64_t>(bits >> 64))};
  }
};

constexpr WideTime wide_time(Int128 seconds, std::int64_t ns) {
  if (seconds > INT64_MAX) return {0, WideTime::kAfter};
  if (seconds < INT64_MIN) return {0, WideTime::kBefore};
  return {static_cast<std::int64_t>(seconds), ns};
}

/// Returns the time after a count of periods of num/den seconds.
constexpr WideTime wide_time_of_count(Int128 count, std::intmax_t num, std::intmax_t den) {
  Int128 product;
  if (__builtin_mul_overflow(count, Int128{num}, &product)) {
    return {0, count < 0 ? WideTime::kBefore : WideTime::kAfter};
  }
  Int128 seconds = product / den;
  Int128 rest = product % den;
  if (rest < 0) {
    rest += den;
    --seconds;
  }
  return wide_time(seconds, static_cast<std::int64_t>(rest * 1'000'000'000 / den));
}

/// Does the same for a real number; rounds to microseconds, because the digits after these are
/// mostly those of the binary fraction.
constexpr WideTime wide_time_of_real(long double count, std::intmax_t num, std::intmax_t den) {
  const long double seconds = count * static_cast<long double>(num) / static_cast<long double>(den);
  if (seconds != seconds) return {0, WideTime::kNan};
  const long double limit = 9223372036854775808.0L;
  if (seconds >= limit) {
    const bool is_infinite = count > __LDBL_MAX__;
    return {0, is_infinite ? WideTime::kInfinity : WideTime::kAfter};
  }
  if (seconds < -limit) {
    const bool is_infinite = count < -__LDBL_MAX__;
    return {0, is_infinite ? WideTime::kMinusInfinity : WideTime::kBefore};
  }
  auto whole = static_cast<std::int64_t>(seconds);
  long double rest = seconds - static_cast<long double>(whole);
  if (rest < 0) {
    rest += 1;
    --whole;  // a fraction exists only far from the limit
  }
  const auto us = static_cast<std::int64_t>(rest * 1'000'000 + 0.5L);
  return us < 1'000'000 ? WideTime{whole, us * 1000} : wide_time(Int128{whole} + 1, 0);
}

template <TimePoint T>
constexpr WideTime wide_time_of(const T& value) {
  const auto count = value.time_since_epoch().count();
  using Span = std::remove_cvref_t<decltype(value.time_since_epoch())>;
  using Rep = std::remove_cvref_t<decltype(count)>;
  using Period = typename Span::period;
  if constexpr (kFitsInt128<Rep>) {
    return wide_time_of_count(count, Period::num, Period::den);
  } else {
    return wide_time_of_real(real_count(count), Period::num, Period::den);
  }
}

constexpr Int128 floor_quotient(Int128 a, Int128 b) { return a / b - (a % b < 0 ? 1 : 0); }

constexpr Int128 kNsPerSecond = 1'000'000'000;
constexpr Int128 ns_of(const WideTime& time) { return time.seconds * kNsPerSecond + time.ns; }
constexpr WideTime wide_time_of_ns(Int128 ns) {
  const Int128 seconds = floor_quotient(ns, kNsPerSecond);
  return wide_time(seconds, static_cast<std::int64_t>(ns - seconds * kNsPerSecond));
}

/// How a clock converts its times to UTC.
template <class ItsClock>
struct Conversion {
  using Own = typename ItsClock::duration;

  static constexpr auto utc(Own since_epoch) {
    const typename ItsClock::time_point at(since_epoch);
    if constexpr (requires { ItsClock::to_sys(at); }) {
      return ItsClock::to_sys(at);
    } else {
      const auto utc = ItsClock::to_utc(at);
      return decltype(utc)::clock::to_sys(utc);
    }
  }

  // The conversion keeps nothing below its unit: the coarser of the unit that it takes and the one
  // that it gives.
  using Taken = typename Own::period;
  using Given = typename decltype(utc(Own{}))::duration::period;
  static constexpr bool kTakesCoarser =
      Int128{Taken::num} * Given::den >= Int128{Given::num} * Taken::den;
  using Unit = std::conditional_t<kTakesCoarser, Taken, Given>;
};

/// Returns UTC of such a clock's time. The clock is asked at the last unit of its conversion before
/// that time; the rest is added. Far from today, where the clock's counts would overflow, UTC is as
/// far away as it is at the clock's epoch.
template <TimePoint T>
constexpr WideTime converted_time(const T& value) {
  using Its = Conversion<typename T::clock>;
  using Count = typename Its::Own::rep;
  using Unit = typename Its::Unit;
  using Taken = typename Its::Taken;
  constexpr Int128 kFarthest = 9'200'000'000 * kNsPerSecond;  // int64 holds 9'223'372'036 s in ns
  const auto is_near = [](Int128 at) { return at > -kFarthest && at < kFarthest; };
  const WideTime here = wide_time_of(value);
  if (here.ns < 0) return here;
  const Int128 ns = ns_of(here);
  const Int128 distance = ns_of(wide_time_of(Its::utc(typename Its::Own{})));
  if (!is_near(ns) || !is_near(ns + distance)) return wide_time_of_ns(ns + distance);
  const Int128 units = floor_quotient(ns * Unit::den, Unit::num * kNsPerSecond);
  Int128 count = units;
  if constexpr (!Its::kTakesCoarser) {
    count = floor_quotient(units * Unit::num * Taken::den, Int128{Unit::den} * Taken::num);
  }
  const auto asked = static_cast<Count>(count);
  if (static_cast<Int128>(asked) != count) return wide_time_of_ns(ns + distance);
  const WideTime utc = wide_time_of(Its::utc(typename Its::Own(asked)));
  if (utc.ns < 0) return utc;
  const Int128 rest = ns - floor_quotient(units * Unit::num * kNsPerSecond, Unit::den);
  return wide_time_of_ns(ns_of(utc) + rest);
}

/// Returns the letter of a time point's count, see type_code.h.
template <TimePoint T>
consteval char time_letter() {
  using Span = std::remove_cvref_t<decltype(std::declval<const T&>().time_since_epoch())>;
  constexpr Epoch kEpoch = epoch_of<T>();
  if (kEpoch == Epoch::kUnknown) return duration_letter<Span>();
  const char unit = unit_letter<typename Span::period>();
  if (kEpoch == Epoch::kConvertible || unit == 0 || !kFitsInt64<typename Span::rep>) return 't';
  return unit == 'n' && kEpoch == Epoch::kUnix ? 'T' : 'U';
}

template <TimePoint T>
constexpr auto reduce_time(const T& value) {
  constexpr char kLetter = time_letter<T>();
  if constexpr (epoch_of<T>() == Epoch::kUnknown) {
    return reduce_duration(value.time_since_epoch());
  } else if constexpr (kLetter != 't') {
    return static_cast<std::int64_t>(value.time_since_epoch().count());
  } else if constexpr (epoch_of<T>() == Epoch::kConvertible) {
    return converted_time(value).bits();
  } else {
    return wide_time_of(value).bits();
  }
}

}  // namespace metlog
