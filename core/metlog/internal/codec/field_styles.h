#pragma once

#include <string_view>
#include <vector>

#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/text/value_text.h"

namespace metlog {

// How formats write fields; FieldWriter has the order and the repeated keys. A style has:
//
//   kBefore, kAfter          the separator of each field; 0 for none
//   append_key(out, key)     writes the key with what separates it from its value
//   append_text(out, text)   writes a value that is a string
//   append_value(out, type, bytes, scratch)   writes any other argument
//   append_stored(out, bytes)        writes a value that its first byte describes (field_bytes.h)
//   append_json(out, json, line)     writes a value of the context or of a Message, of which the
//                                    JSON is given, and the text as a line shows it
//
// Each returns the end. `scratch` is memory for any use.

/// The envelope: `"key":value,`.
struct EnvelopeFields {
  static constexpr char kBefore = 0;
  static constexpr char kAfter = ',';
  static char* append_key(char* out, std::string_view key);
  static char* append_text(char* out, std::string_view text);
  static char* append_value(char* out, std::string_view type, ByteCursor bytes,
                            std::vector<char>& scratch);
  static char* append_stored(char* out, ByteCursor& bytes);
};

/// A line for humans: ` key=value`. A composite is JSON.
struct LineFields {
  static constexpr char kBefore = ' ';
  static constexpr char kAfter = 0;
  static char* append_key(char* out, std::string_view key);
  static char* append_text(char* out, std::string_view text);
  static char* append_value(char* out, std::string_view type, ByteCursor bytes,
                            std::vector<char>& scratch);
  static char* append_stored(char* out, ByteCursor& bytes);
  static char* append_json(char* out, std::string_view json, std::string_view line);
};

/// logfmt: ` key=value`. Keys are one word without quotes; composites are JSON in quotes.
struct LogfmtFields {
  static constexpr char kBefore = ' ';
  static constexpr char kAfter = 0;
  static char* append_key(char* out, std::string_view key);
  static char* append_text(char* out, std::string_view text);
  static char* append_value(char* out, std::string_view type, ByteCursor bytes,
                            std::vector<char>& scratch);
  static char* append_stored(char* out, ByteCursor& bytes);
  static char* append_json(char* out, std::string_view json, std::string_view line);
};

/// What styles share that are JSON: they write a value as the envelope does, and then change what
/// is no value of theirs. Style::finish(begin, end) does that and returns the new end.
template <class Style>
struct FinishedFields : EnvelopeFields {
  static char* append_value(char* out, std::string_view type, ByteCursor bytes,
                            std::vector<char>& scratch);
  static char* append_stored(char* out, ByteCursor& bytes);
  static char* append_json(char* out, std::string_view json, std::string_view line);
};

/// The labels of ECS: `"key":value,`, where dots would make objects, and composites are strings.
struct EcsFields : FinishedFields<EcsFields> {
  static char* append_key(char* out, std::string_view key);
  static char* finish(char* begin, char* end);
};

/// GELF: `"_key":value,`, of which the values are strings and numbers.
struct GelfFields : FinishedFields<GelfFields> {
  static char* append_key(char* out, std::string_view key);
  static char* finish(char* begin, char* end);
};

/// OTLP: `{"key":"key","value":{"stringValue":"value"}},`.
struct OtelFields : FinishedFields<OtelFields> {
  static char* append_key(char* out, std::string_view key);
  static char* append_text(char* out, std::string_view text);
  static char* append_value(char* out, std::string_view type, ByteCursor bytes,
                            std::vector<char>& scratch);
  static char* finish(char* begin, char* end);
};

/// Parameters of structured data: ` key="value"`. Composites are JSON.
struct SyslogFields {
  static constexpr char kBefore = ' ';
  static constexpr char kAfter = 0;
  static char* append_key(char* out, std::string_view key);
  static char* append_text(char* out, std::string_view text);
  static char* append_value(char* out, std::string_view type, ByteCursor bytes,
                            std::vector<char>& scratch);
  static char* append_stored(char* out, ByteCursor& bytes);
  static char* append_json(char* out, std::string_view json, std::string_view line);
};

/// Fields of the journal, a newline before each: see journal_text.h. Composites are JSON.
struct JournalFields {
  static constexpr char kBefore = '\n';
  static constexpr char kAfter = 0;
  static char* append_key(char* out, std::string_view key);
  static char* append_text(char* out, std::string_view text);
  static char* append_value(char* out, std::string_view type, ByteCursor bytes,
                            std::vector<char>& scratch);
  static char* append_stored(char* out, ByteCursor& bytes);
  static char* append_json(char* out, std::string_view json, std::string_view line);
};

extern template struct FinishedFields<EcsFields>;
extern template struct FinishedFields<GelfFields>;
extern template struct FinishedFields<OtelFields>;

}  // namespace metlog
