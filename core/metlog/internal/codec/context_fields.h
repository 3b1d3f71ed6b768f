#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "metlog/internal/codec/compiled_format.h"

namespace metlog {

/// Write the fields of the record's context after the message's fields and return the end. They
/// leave out keys that the message has itself, and `name` and `rate` of a metric. `out` has room
/// for record.context_bytes, which is not 0. `args` is from SiteLayout::locate().
char* append_json_context(char* out, bool is_first, const RecordView& record,
                          const SiteLayout& layout, const std::vector<ArgBytes>& args);
char* append_line_context(char* out, const RecordView& record, const SiteLayout& layout,
                          const std::vector<ArgBytes>& args);

/// True when the message of the record has a field of this key itself.
[[nodiscard]] bool has_own_field(const SiteLayout& layout, const std::vector<ArgBytes>& args,
                                 std::string_view key);

/// Calls `visit` with each field of the record's context that the message does not have itself: its
/// key, and its value as JSON and as a line shows it.
template <class Visit>
void for_each_context_field(const RecordView& record, const std::vector<ArgBytes>& args,
                            const Visit& visit) {
  if (record.context_bytes == 0) return;
  const ContextText& context = *record.context;
  for (std::size_t i = 0; i < context.parts.size(); ++i) {
    const ContextText::Part& part = context.parts[i];
    if (has_own_field(*record.layout, args, part.key)) continue;
    const bool is_last = i + 1 == context.parts.size();
    const std::size_t json_end = is_last ? context.json.size() : context.parts[i + 1].json_begin;
    const std::size_t line_end = is_last ? context.line.size() : context.parts[i + 1].line_begin;
    const std::string_view json(context.json);
    const std::string_view line(context.line);
    visit(std::string_view(part.key), json.substr(part.json_value, json_end - part.json_value),
          line.substr(part.line_value, line_end - part.line_value));
  }
}

}  // namespace metlog
