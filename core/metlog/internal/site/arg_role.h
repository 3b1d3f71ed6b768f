#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "metlog/internal/site/type_concepts.h"

namespace metlog {

/// What an argument of a call becomes in the message.
enum class ArgRole : char {
  kText = 'a',          // one of the format's arguments
  kField = 'k',         // a field; its key's bytes stand before the value
  kPayload = 'p',       // the payload
  kPayloadValue = 'v',  // the same as a FieldValue (field.h)
  kCount = 'n',         // a counter's count, in the payload
  kElapsed = 'e',       // a timer's ticks, in the payload as milliseconds
  kRate = 'r',          // the sampling rate
  kLogger = 'l',        // instead of the client's logger
  kSeverity = 'y',      // instead of the client's severity
  kType = 't',          // the envelope's type, known at run time only
  kName = 'N',          // the counter's or timer's name, known at run time only
  kFieldList = 'F',     // fields known at run time only (field.h)
  kFormat = 'f',        // a format known at run time only; its arguments follow as kText
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

/// An argument that has a role of its own.
template <ArgRole kRole, class T>
struct Tagged {
  const T& value;
};

/// The payload of an event: a text, a number, whatever a call takes.
template <class T>
constexpr Tagged<ArgRole::kPayload, T> payload(const T& value) {
  return {value};
}

/// The logger of this message, instead of the client's.
template <class T>
requires Text<T> || CString<T>
constexpr Tagged<ArgRole::kLogger, T> logger(const T& value) { return {value}; }

/// The severity of this message, instead of the client's; not range-checked, as in the reference.
struct SeverityArg {
  std::int32_t number;
};
constexpr SeverityArg severity(std::int32_t number) { return {number}; }

/// The share of calls that is sent: below 1 the others cost a countdown and no more.
struct Rate {
  double share;
};
constexpr Rate rate(double share) { return {share}; }

/// A timer's elapsed ticks.
struct Elapsed {
  std::uint64_t ticks;
};

}  // namespace metlog
