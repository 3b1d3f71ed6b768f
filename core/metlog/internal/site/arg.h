#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "metlog/internal/site/type_concepts.h"

namespace metlog {

/// The role of a call's argument in the message. The letters are part of the session's
/// dictionary (docs/ring.md).
enum class ArgRole : char {
  kText = 'a',          // one of the format's arguments
  kField = 'k',         // a field; its key's bytes come before the value
  kPayload = 'p',       // the payload
  kPayloadValue = 'v',  // the payload, as a FieldValue (field.h)
  kCount = 'n',         // a counter's count, in the payload
  kElapsed = 'e',       // a timer's ticks, in the payload as milliseconds
  kRate = 'r',          // the sampling rate
  kLogger = 'l',        // replaces the client's logger
  kSeverity = 'y',      // replaces the client's severity
  kType = 't',          // the type of the envelope, known only at run time
  kName = 'N',          // the name of a counter or timer, known only at run time
  kFieldList = 'F',     // fields known only at run time (field.h)
  kFormat = 'f',        // a format known only at run time; its arguments follow as kText
  kTime = 'T',          // ns since 1970 UTC, in the place of the time of the call
};

/// A field beside the text: kv("table", name). The key's bytes are copied into the record.
template <std::size_t N, class T>
struct KeyValue {
  const char (&key)[N];
  const T& value;
};

/// `key` is a string literal; `value` is anything a call takes as an argument.
template <std::size_t N, class T>
constexpr KeyValue<N, T> kv(const char (&key)[N], const T& value) {
  static_assert(N - 1 <= 40, "a field's key is at most 40 bytes long");
  return {key, value};
}

/// An argument with an explicit role.
template <ArgRole kRole, class T>
struct Tagged {
  const T& value;
};

/// The payload of an event: a string, a number, anything that a call takes.
template <class T>
constexpr Tagged<ArgRole::kPayload, T> payload(const T& value) {
  return {value};
}

/// The logger of this message; replaces the client's.
template <class T>
requires Text<T> || CString<T>
constexpr Tagged<ArgRole::kLogger, T> logger(const T& value) { return {value}; }

/// The severity of this message; replaces the client's. Not range-checked, as in the reference.
struct SeverityArg {
  std::int32_t number;
};
constexpr SeverityArg severity(std::int32_t number) { return {number}; }

/// The share of calls that is sent, from 0 to 1. The others cost only a countdown.
struct Rate {
  double share;
};
constexpr Rate rate(double share) { return {share}; }

/// The count of a counter, given as a bool or a character: a type that a text does not show as a
/// number.
struct WholeCount {
  std::int64_t number;
};

/// The elapsed time of a timer, in ticks.
struct Elapsed {
  std::uint64_t ticks;
};

/// The role, key and value of an argument, for every wrapper.
template <class A>
struct Arg {
  static constexpr ArgRole kRole = ArgRole::kText;
  static constexpr std::size_t kKeyBytes = 0;
  using Value = A;
  static constexpr const Value& value(const A& arg) { return arg; }
  static constexpr const char* key(const A&) { return nullptr; }
};
template <std::size_t N, class T>
struct Arg<KeyValue<N, T>> {
  static constexpr ArgRole kRole = ArgRole::kField;
  static constexpr std::size_t kKeyBytes = N - 1;
  using Value = T;
  static constexpr const Value& value(const KeyValue<N, T>& arg) { return arg.value; }
  static constexpr const char* key(const KeyValue<N, T>& arg) { return arg.key; }
};
template <ArgRole kTag, class T>
struct Arg<Tagged<kTag, T>> {
  static constexpr ArgRole kRole = kTag;
  static constexpr std::size_t kKeyBytes = 0;
  using Value = T;
  static constexpr const Value& value(const Tagged<kTag, T>& arg) { return arg.value; }
  static constexpr const char* key(const Tagged<kTag, T>&) { return nullptr; }
};
template <class A, ArgRole kTag, class V, V A::*kMember>
struct StructArg {
  static constexpr ArgRole kRole = kTag;
  static constexpr std::size_t kKeyBytes = 0;
  using Value = V;
  static constexpr const Value& value(const A& arg) { return arg.*kMember; }
  static constexpr const char* key(const A&) { return nullptr; }
};
template <>
struct Arg<Rate> : StructArg<Rate, ArgRole::kRate, double, &Rate::share> {};
template <>
struct Arg<SeverityArg>
    : StructArg<SeverityArg, ArgRole::kSeverity, std::int32_t, &SeverityArg::number> {};
template <>
struct Arg<WholeCount> : StructArg<WholeCount, ArgRole::kCount, std::int64_t, &WholeCount::number> {
};
template <>
struct Arg<Elapsed> : StructArg<Elapsed, ArgRole::kElapsed, std::uint64_t, &Elapsed::ticks> {};

}  // namespace metlog
