#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/formatter.h"
#include "metlog/internal/base/clock.h"
#include "metlog/internal/base/record_id.h"
#include "metlog/internal/context/context_text.h"
#include "metlog/internal/site/arg.h"
#include "metlog/internal/site/site_registry.h"
#include "metlog/internal/text/value_text.h"

// How a site's records become messages, worked out once for each site. A log call's format is split
// at its arguments into ops. Each op copies a literal, already escaped, and then writes one
// argument out of the record:
//
//   format    "{} orders {} items at {}"
//   ops       "" arg 0 string;  " orders " arg 1 int32;  " items at " arg 2 double;  "" end
//   record    | 5 | 3 | 0.25 | a l i c e |
//             '- fixed part -''-- tail --'
//   message   alice orders 3 items at 0.25
//
// Scalars are in the fixed part. Of strings and composites the fixed part holds the length in bytes
// (uint32); their bytes follow in the tail, in the order of the arguments. A field's key precedes
// its value in the fixed part.

namespace metlog {

/// The place of an argument in the records of a site.
struct ArgLayout {
  ArgRole role;
  std::uint8_t key_bytes;
  bool is_in_tail;        // the fixed part holds only its length
  std::string_view type;  // see type_code.h
  std::size_t offset;     // of the key in the fixed part
  std::size_t bytes;      // of the value, or of its length, in the fixed part
};

/// An argument's bytes in one record.
struct ArgBytes {
  std::string_view key;
  const unsigned char* at;
  std::size_t size;

  [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(at), size}; }
};

/// The way to write an argument of a format. Each frequent kind has its own.
enum class ArgKind : std::uint8_t {
  kNone,  // no argument: the format ends here
  kString,
  kInt32,
  kInt64,
  kUint64,
  kDouble,
  kOther,  // another type, or any type with a specification
};

/// A format known at compile time, as ops.
class CompiledFormat {
 public:
  /// A run of the format that is the same in every message.
  struct Literal {
    std::uint32_t begin;
    std::uint32_t bytes;
  };
  struct Op {
    Literal json;    // as append_json_text() and
    Literal line;    // as append_reversible_text() write it
    Literal quoted;  // as append_quoted_text() writes it
    Literal block;   // as append_block_text() writes it
    ArgKind kind;
    std::uint16_t arg;  // index into SiteLayout::args
    std::string spec;   // `>8.3f`
    // The arguments that the specification takes its numbers from; kNoArg for none.
    std::uint16_t width_arg = FormatSegment::kNoArg;
    std::uint16_t precision_arg = FormatSegment::kNoArg;

    [[nodiscard]] bool takes_numbers() const {
      return width_arg != FormatSegment::kNoArg || precision_arg != FormatSegment::kNoArg;
    }
  };

  CompiledFormat() = default;
  CompiledFormat(const RegisteredSite& site, const std::vector<ArgLayout>& args);

  /// Returns the ops. Only the last has no argument. There are none for a site that is no log call.
  [[nodiscard]] const std::vector<Op>& ops() const { return ops_; }

  /// Bytes after a literal that append() may overwrite.
  static constexpr std::size_t kLiteralBlockBytes = 16;
  /// Writes a literal and returns its end. Copies whole blocks because most literals fit into one.
  char* append(char* out, Literal literal) const {
    const char* from = pool_.data() + literal.begin;
    char* const end = out + literal.bytes;
    for (; out < end; out += kLiteralBlockBytes, from += kLiteralBlockBytes)
      std::memcpy(out, from, kLiteralBlockBytes);
    return end;
  }

 private:
  void add(const std::string& literal, Op op);
  Literal keep(std::string_view text);

  std::vector<Op> ops_;
  std::string pool_;  // the literals and one block more
};

struct SiteLayout;

/// A record as an encoder sees it: one call's arguments and where they come from.
struct RecordView {
  const SiteLayout* layout;
  const unsigned char* args;
  std::size_t arg_bytes;
  std::int64_t utc_ns;
  const ClockLine* clock;                // for spans of ticks
  const ContextText* context = nullptr;  // of its thread; read when context_bytes is not 0
  std::size_t context_bytes = 0;         // the maximum that the context adds to the message
  RecordId id = {};
  const ThreadText* thread = nullptr;  // null when it is not known
};

struct Layout;

/// The parts of its messages that a client sets.
struct ClientText {
  std::string logger;
  int severity = 6;  // of events, counters and timers
  TimerResolution timers = TimerResolution::kNanoseconds;
  bool has_numbers = false;         // the payloads of metrics are numbers in an envelope
  bool shows_metrics_only = false;  // the format has no form of other messages, see statsd_line.h
  std::shared_ptr<const Layout> layout = nullptr;     // of the formats that have one
  std::shared_ptr<const Layout> additions = nullptr;  // of an envelope or a line; null for none
};

/// The parts that all messages of a process share.
struct ProcessText {
  std::int64_t pid;
  std::string hostname;
  std::string program = {};  // its name
};

/// The origin of a message.
struct MessageOrigin {
  std::string_view type;
  std::string_view logger;
  std::int64_t severity;
  bool is_trace = false;  // a call of Severity::kTrace, whose number is that of DEBUG
};

/// Everything about a site's records that can be worked out once. Refers to the registered site.
struct SiteLayout {
  explicit SiteLayout(const RegisteredSite& registered);

  const RegisteredSite* site;
  std::vector<ArgLayout> args;
  CompiledFormat format;            // of a log call whose format is known at compile time
  std::string name_field;           // `"name":"orders"` of a counter or timer
  std::string function;             // see bare_function_name()
  bool is_in_order = false;         // the format names all arguments, once, in the record's order
  bool has_fields = false;          // the record holds fields
  bool may_repeat_keys = false;     // two of its fields may have one key; the last one counts
  bool overrides_origin = false;    // the record holds a type, logger or severity
  bool has_runtime_format = false;  // the record holds the format
  bool has_spec_numbers = false;    // the record holds widths or precisions of the format
  bool has_composites = false;      // an argument is more than a number or a string
  // Indices into args; SIZE_MAX when there is none.
  std::size_t payload_arg;  // kPayload, kPayloadValue, kCount or kElapsed
  std::size_t name_arg;
  std::size_t rate_arg;
  std::size_t time_arg;
  std::size_t constant_bytes = 0;               // the maximum without the arguments' values
  std::size_t value_growth = kValueTextGrowth;  // the maximum of output bytes for each record byte
  std::size_t place_bytes = 0;                  // of file, line and function, unescaped

  [[nodiscard]] bool is_metric() const {
    return site->kind == SiteKind::kCounter || site->kind == SiteKind::kTimer;
  }
  /// Returns the envelope's type, unless the record overrides it.
  [[nodiscard]] std::string_view type() const;
  /// Returns the origin of this client's record. Reads the arguments only if overrides_origin.
  [[nodiscard]] MessageOrigin origin(const std::vector<ArgBytes>& record_args,
                                     const ClientText& client) const;
  /// Returns the time that the record holds in the place of its call's. Requires time_arg.
  [[nodiscard]] std::int64_t given_time(const RecordView& record) const;
  /// True when the caller's field with that key is left out because a metric has its own, as in the
  /// reference.
  [[nodiscard]] bool is_shadowed(std::string_view key) const {
    return is_metric() && (key == "name" || key == "rate");
  }
  /// Returns the index of the first argument with that role, or SIZE_MAX.
  [[nodiscard]] std::size_t find(ArgRole role) const;
  [[nodiscard]] bool has(ArgRole role) const { return find(role) != SIZE_MAX; }
  /// True when FormatWriter::append_in_order() can write this record, which needs no locate().
  [[nodiscard]] bool goes_in_order(const RecordView& record) const {
    return is_in_order && record.arg_bytes >= site->fixed_bytes && record.context_bytes == 0;
  }
  /// Finds every argument of a record. Cuts lengths that a damaged record claims to what it holds.
  void locate(const RecordView& record, std::vector<ArgBytes>& found) const;

 private:
  void locate_damaged(const RecordView& record, std::vector<ArgBytes>& found) const;
};

/// The layouts of all sites, each made at its first use. Used by one thread.
class SiteLayouts {
 public:
  /// Returns null for an id that was never given out.
  const SiteLayout* find(std::uint32_t site) {
    const std::uint32_t index = site - kFirstSiteId;
    if (index < layouts_.size() && layouts_[index] != nullptr) [[likely]]
      return layouts_[index].get();
    return make(site);
  }

 private:
  const SiteLayout* make(std::uint32_t site);

  std::vector<std::unique_ptr<SiteLayout>> layouts_;  // by site
};

}  // namespace metlog
