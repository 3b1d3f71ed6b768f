#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/codec/compiled_format.h"

namespace metlog {

/// The inside of a JSON string.
struct JsonLogForm {
  static char* append_text(char* out, std::string_view text);
  static CompiledFormat::Literal literal(const CompiledFormat::Op& op) { return op.json; }
};

/// A line for humans.
struct LineLogForm {
  static char* append_text(char* out, std::string_view text);
  static CompiledFormat::Literal literal(const CompiledFormat::Op& op) { return op.line; }
};

/// What the format of a record whose plan has_format may add to its text, by widths and by naming
/// an argument more than once.
std::size_t runtime_format_growth(const RecordView& record);

/// Renders the text of log calls in one of these forms. Used by one thread.
template <class Form>
class LogText {
 public:
  /// Writes the text of a record of `plan` and returns the end. `out` has the plan's
  /// constant_bytes and value_growth times the record's bytes; with a format known at run time
  /// also runtime_format_growth().
  char* append(char* out, const SiteLayout& plan, const std::vector<ArgBytes>& args);

  /// The same of a record whose plan is_in_order, and that is no shorter than its fixed part: its
  /// arguments are found on the way.
  char* append_in_order(char* out, const RecordView& record);

 private:
  char* append_arg(char* out, const ArgLayout& arg, const CompiledFormat::Op& op,
                   const ArgBytes& bytes);
  char* append_runtime(char* out, const SiteLayout& plan, const std::vector<ArgBytes>& args,
                       std::size_t format);
  char* append_arg(char* out, std::string_view type, const ArgBytes& bytes, std::string_view spec);

  std::vector<char> unescaped_;  // of one argument
};

extern template class LogText<JsonLogForm>;
extern template class LogText<LineLogForm>;

/// Writes a counter's count: an integer as it is, a real with 12 significant digits; no text.
char* append_count(char* out, const ArgLayout& arg, const ArgBytes& bytes);

}  // namespace metlog
