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
#include "metlog/internal/context/context_text.h"
#include "metlog/internal/site/arg.h"
#include "metlog/internal/site/site_registry.h"
#include "metlog/internal/text/value_text.h"

namespace metlog {

/// An argument's place in a record.
struct ArgLayout {
  ArgRole role;
  std::uint8_t key_bytes;
  bool is_behind;  // its bytes stand behind the fixed part, which holds their length
  std::string_view type;
  std::size_t offset;  // of the key in the fixed part
  std::size_t bytes;   // of the value in the fixed part
};

/// An argument's bytes in one record.
struct ArgBytes {
  std::string_view key;
  const unsigned char* at;
  std::size_t size;

  [[nodiscard]] std::string_view text() const { return {reinterpret_cast<const char*>(at), size}; }
};

struct SiteLayout;  // site_plan.h

/// A record as an encoder sees it: one call's arguments and where they come from.
struct RecordView {
  const SiteLayout* plan;  // of its site
  const unsigned char* args;
  std::size_t arg_bytes;
  std::int64_t utc_ns;
  const ClockLine* clock;                // for spans of ticks
  const ContextText* context = nullptr;  // of its thread; looked at when context_bytes is not 0
  std::size_t context_bytes = 0;         // what it adds to the message at most
};

/// What a client adds to each of its messages.
struct ClientText {
  std::string logger;
  int severity = 6;  // of events, counters and timers
  TimerResolution timers = TimerResolution::kNanoseconds;
};

/// How an argument of a log text is written: the frequent kinds each have a path of their own.
enum class ArgKind : std::uint8_t {
  kNone,      // no argument: the text ends here
  kText,      // without a specification
  kInt,       // int32
  kInt64,     // int64
  kUnsigned,  // uint64
  kReal,      // double
  kOther,
};

/// A log text known at compile time, as literals with an argument behind each.
class CompiledFormat {
 public:
  /// A run of the text that is the same in every message.
  struct Literal {
    std::uint32_t begin;
    std::uint32_t bytes;
  };
  struct Op {
    Literal json;  // the text as append_json_text() and
    Literal line;  // as append_line_text() write it
    ArgKind kind;
    std::uint16_t arg;  // index into the plan's args
    std::string spec;
  };

  CompiledFormat() = default;
  CompiledFormat(const RegisteredSite& site, const std::vector<ArgLayout>& args);

  /// The last one, and no other, has no argument; none at all for a site that is no log call.
  [[nodiscard]] const std::vector<Op>& ops() const { return ops_; }

  /// Room behind a literal that append() scribbles on.
  static constexpr std::size_t kLiteralBlockBytes = 16;
  /// Writes a literal and returns its end. Whole blocks: most literals are one.
  char* append(char* out, Literal literal) const {
    const char* from = pool_.data() + literal.begin;
    char* const end = out + literal.bytes;
    for (; out < end; out += kLiteralBlockBytes, from += kLiteralBlockBytes)
      std::memcpy(out, from, kLiteralBlockBytes);
    return end;
  }

 private:
  void add(const std::string& literal, ArgKind kind, std::uint16_t arg, std::string spec);
  Literal keep(std::string_view text);

  std::vector<Op> ops_;
  std::string pool_;  // the literals, with a block behind the last
};

/// What can be worked out once about all records of a site. Refers to the registered site.
struct SiteLayout {
  explicit SiteLayout(const RegisteredSite& site);

  const RegisteredSite* site;
  std::vector<ArgLayout> args;
  CompiledFormat script;        // of a log text known at compile time
  std::string name_field;       // `"name":"orders"` of a counter or timer
  bool is_in_order = false;     // all arguments stand in the script, in the order of the record
  bool has_fields = false;      // of its own
  bool has_own_prefix = false;  // type, logger or severity stand in the record
  bool has_format = false;      // a format known at run time
  // Indices into args; SIZE_MAX when there is none.
  std::size_t payload_arg;  // kPayload, kPayloadValue, kCount or kElapsed
  std::size_t name_arg;
  std::size_t rate_arg;
  std::size_t constant_bytes = 0;  // at most, of everything but the arguments' values
  // Output bytes for each byte of the arguments, at most.
  std::size_t value_growth = kValueTextGrowth;

  [[nodiscard]] bool is_metric() const {
    return site->kind == SiteKind::kCounter || site->kind == SiteKind::kTimer;
  }
  /// The envelope's type, where the record has none of its own.
  [[nodiscard]] std::string_view type() const;
  /// Whether the caller's field of that key gives way to a metric's own, as in the reference.
  [[nodiscard]] bool is_shadowed(std::string_view key) const {
    return is_metric() && (key == "name" || key == "rate");
  }
  /// The index of the first argument with that role; SIZE_MAX when there is none.
  [[nodiscard]] std::size_t find(ArgRole role) const;
  [[nodiscard]] bool has(ArgRole role) const { return find(role) != SIZE_MAX; }
  /// Whether the text of this record can be written without locate(): see LogText::append_in_order.
  [[nodiscard]] bool goes_in_order(const RecordView& record) const {
    return is_in_order && record.arg_bytes >= site->fixed_bytes && record.context_bytes == 0;
  }
  /// Finds every argument of a record; lengths that a damaged record claims are cut to it.
  void locate(const RecordView& record, std::vector<ArgBytes>& found) const;

 private:
  void locate_damaged(const RecordView& record, std::vector<ArgBytes>& found) const;
};

/// The plans of all sites, each made when it is first asked for. Used by one thread.
class SitePlans {
 public:
  /// Null for an id that was never given out.
  const SiteLayout* find(std::uint32_t site) {
    const std::uint32_t index = site - kFirstSiteId;
    if (index < plans_.size() && plans_[index] != nullptr) [[likely]]
      return plans_[index].get();
    return make(site);
  }

 private:
  const SiteLayout* make(std::uint32_t site);

  std::vector<std::unique_ptr<SiteLayout>> plans_;  // by site
};

}  // namespace metlog
