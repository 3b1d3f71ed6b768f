#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/codec/planned_arg.h"
#include "metlog/internal/site/site_registry.h"

namespace metlog {

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
class LogScript {
 public:
  /// A run of the text that is the same in every message.
  struct Literal {
    std::uint32_t begin;
    std::uint32_t bytes;
  };
  struct Step {
    Literal json;  // the text as append_json_text() and
    Literal line;  // as append_line_text() write it
    ArgKind kind;
    std::uint16_t arg;  // index into the plan's args
    std::string spec;
  };

  LogScript() = default;
  LogScript(const RegisteredSite& site, const std::vector<PlannedArg>& args);

  /// The last one, and no other, has no argument; none at all for a site that is no log call.
  [[nodiscard]] const std::vector<Step>& steps() const { return steps_; }

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

  std::vector<Step> steps_;
  std::string pool_;  // the literals, with a block behind the last
};

}  // namespace metlog
