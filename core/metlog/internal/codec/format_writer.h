#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "metlog/internal/codec/compiled_format.h"
#include "metlog/internal/text/format_spec.h"

namespace metlog {

// Each escapes text, and JSON that is the value of a composite.

/// Escapes for the inside of a JSON string.
struct JsonEscaping {
  static char* append(char* out, std::string_view text);
  static char* append_json(char* out, std::string_view json);
  static CompiledFormat::Literal literal(const CompiledFormat::Op& op) { return op.json; }
};

/// Escapes for a line for humans, in which JSON stays JSON.
struct LineEscaping {
  static char* append(char* out, std::string_view text);
  static char* append_json(char* out, std::string_view json);
  static CompiledFormat::Literal literal(const CompiledFormat::Op& op) { return op.line; }
};

/// Escapes for the inside of quotes in a line.
struct QuotedEscaping {
  static char* append(char* out, std::string_view text);
  static char* append_json(char* out, std::string_view json);
  static CompiledFormat::Literal literal(const CompiledFormat::Op& op) { return op.quoted; }
};

/// Escapes for a text of several lines.
struct BlockEscaping {
  static char* append(char* out, std::string_view text);
  static char* append_json(char* out, std::string_view json);
  static CompiledFormat::Literal literal(const CompiledFormat::Op& op) { return op.block; }
};

/// Returns the maximum that the format of a record whose layout has_runtime_format adds to the
/// message, by widths and by naming arguments more than once.
std::size_t runtime_format_growth(const RecordView& record);

/// Returns the maximum that the numbers in the specifications of a record whose layout
/// has_spec_numbers add to the message.
std::size_t spec_numbers_growth(const RecordView& record);

/// Writes the text of log calls: runs the site's compiled format, or one that is in the record,
/// over a record's arguments. Used by one thread.
template <class Escaping>
class FormatWriter {
 public:
  /// Writes the text of a record and returns the end. `out` has room for the layout's
  /// constant_bytes and value_growth times the record's bytes, and for runtime_format_growth() or
  /// spec_numbers_growth() if the layout has such.
  char* append(char* out, const SiteLayout& layout, const std::vector<ArgBytes>& args);

  /// Does the same for a record of which SiteLayout::goes_in_order() is true. Finds the arguments
  /// while it writes them.
  char* append_in_order(char* out, const RecordView& record);

 private:
  char* append_arg(char* out, const ArgLayout& arg, const CompiledFormat::Op& op,
                   const ArgBytes& bytes);
  char* append_arg(char* out, std::string_view type, const ArgBytes& bytes, std::string_view spec);
  char* append_resolved(char* out, std::string_view type, const ArgBytes& bytes,
                        const ResolvedSpec& resolved);
  char* append_runtime(char* out, const SiteLayout& layout, const std::vector<ArgBytes>& args,
                       std::size_t format);

  std::vector<char> unescaped_;  // one argument
};

extern template class FormatWriter<JsonEscaping>;
extern template class FormatWriter<LineEscaping>;
extern template class FormatWriter<QuotedEscaping>;
extern template class FormatWriter<BlockEscaping>;

}  // namespace metlog
