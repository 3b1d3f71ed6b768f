#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/text/timestamp_text.h"

namespace metlog {

/// What a part of a message shows.
enum class PartKind : std::uint8_t {
  // Equal for all records of a site and client, unless the record names its own logger, type or
  // severity.
  kLiteral,
  kLevel,           // `warning`
  kLevelLetter,     // `W`
  kLevelShort,      // `WARN`
  kSeverity,        // `4`
  kSeverityNumber,  // OpenTelemetry's: `13`
  kPriority,        // syslog's, of facility and severity: `12`
  kLogger,
  kType,
  kTypeMember,  // with its key, where the style has it; nothing for the type of log calls
  kFile,        // the last component of the path
  kPath,
  kPlace,        // path:line; nothing when unknown
  kPlaceMember,  // file, line and function with their keys; nothing when unknown
  kLine,
  kFunction,
  kPid,
  kHost,
  kProgram,
  kColorBegin,
  kColorEnd,
  // Different in each record.
  kSecond,        // letters of append_time_text()
  kSecondMillis,  // the same, and three digits
  kSecondMicros,
  kMillis,      // `789`
  kMicros,      // `789012`
  kNanos,       // `789012345`
  kTimestamp,   // as in the envelope
  kEpochNanos,  // since 1970
  kEpochReal,   // seconds since 1970, with microseconds
  kElapsed,     // since the client's previous message, in the unit that `text` names
  kThreadId,
  kThreadName,
  kThreadMember,  // both with their keys; nothing when unknown
  kText,          // the text of a log call; of others type, name and payload
  kMessage,       // the same without the type, unless there is no payload
  kPayload,       // the text of a log call; of others the payload
  kStatsd,        // a line of statsd; `text` is what precedes the name
  kFields,        // those of a counter or timer, too
  kField,         // one of them, whose key is `text`
  kTrace,         // of the context, with its keys; nothing when there is none
};

[[nodiscard]] constexpr bool is_per_record(PartKind kind) { return kind >= PartKind::kSecond; }
[[nodiscard]] constexpr bool is_of_thread(PartKind kind) {
  return kind >= PartKind::kThreadId && kind <= PartKind::kThreadMember;
}
[[nodiscard]] constexpr bool is_of_place(PartKind kind) {
  return kind >= PartKind::kFile && kind <= PartKind::kFunction;
}
[[nodiscard]] constexpr bool is_of_calendar(PartKind kind) {
  return kind >= PartKind::kSecond && kind <= PartKind::kEpochReal;
}
[[nodiscard]] constexpr bool is_of_text(PartKind kind) {
  return kind >= PartKind::kText && kind <= PartKind::kPayload;
}
[[nodiscard]] constexpr bool is_of_time(PartKind kind) {
  return kind >= PartKind::kSecond && kind <= PartKind::kElapsed;
}
/// True for a part that is empty in a record without fields.
[[nodiscard]] constexpr bool is_of_fields(PartKind kind) { return kind >= PartKind::kFields; }

struct LayoutPart {
  enum class Align : std::uint8_t { kNone, kRight, kLeft, kCenter };

  PartKind kind;
  std::string text = {};       // see PartKind; of a name the characters that it must not have
  std::string before = {};     // the literal before a time; before and after (`text`) an addition
  Align align = Align::kNone;  // the padding is on the other side
  bool is_cut = false;         // to the width
  std::uint16_t width = 0;     // characters
  std::uint16_t max_name = 0;  // bytes of a name of printable ASCII, `-` if empty; 0 for a text
};

/// How a format escapes strings and writes fields.
enum class LayoutStyle : std::uint8_t {
  kLine,
  kLogfmt,
  kEcs,
  kGelf,
  kOtel,
  kSyslog,
  kJournal,
  kStatsd
};

/// A format of messages as the list of their parts. Immutable once it is complete.
struct Layout {
  /// A run of parts that are not per record, and the part that follows; parts.size() for none.
  struct Step {
    std::size_t begin;
    std::size_t end;  // the part that follows
  };

  LayoutStyle style = LayoutStyle::kLine;
  TimeZone zone = TimeZone::kUtc;
  bool is_colored = false;
  int facility = 1;  // of kPriority
  std::vector<LayoutPart> parts;
  // Set by complete():
  std::vector<Step> steps;
  bool has_seconds = false;  // a part depends on the calendar
  bool has_thread = false;
  // For Encoder::bound().
  std::size_t fixed_bytes = 0;    // of what neither record, site nor client decide
  std::size_t record_factor = 1;  // how often the message may have what the record has
  std::size_t client_mentions = 0;
  std::size_t process_mentions = 0;
  std::size_t place_mentions = 0;

  /// Sets what follows from the parts.
  void complete();

 private:
  void join_times();
};

/// What the constant parts of a message are made of.
struct PartSource {
  MessageOrigin origin;
  std::string_view file;
  std::string_view function;
  std::uint32_t line;
};

/// Writes a part that is not per record, and returns the end.
char* append_constant(char* out, const LayoutPart& part, const Layout& layout,
                      const PartSource& source, const ProcessText& process);

/// Pads or cuts what the part has written from `begin` to `end`; returns the new end.
char* align_part(char* begin, char* end, const LayoutPart& part);

/// Writes a string as the style has it, and returns the end. In kSyslog it is the value of a
/// parameter.
char* append_styled(char* out, std::string_view text, LayoutStyle style);

}  // namespace metlog
