#include "metlog/internal/codec/context_fields.h"

#include <cstring>
#include <string_view>

#include "metlog/internal/text/field_value_text.h"
#include "metlog/internal/text/json_text.h"

namespace metlog {
namespace {

bool has_key(const ArgBytes& field_list, std::string_view key) {
  ByteCursor bytes(field_list.at, field_list.size);
  const auto count = bytes.take<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && !bytes.is_at_end(); ++i) {
    const std::string_view its_key = bytes.take_text(bytes.take<std::uint32_t>());
    if (is_same_json_text(its_key, key)) return true;
    skip_field_value(bytes);
  }
  return false;
}

// Writes `text` without the parts whose key the message has itself.
template <class Begin>
char* append_others(char* out, std::string_view text, Begin begin_of, const ContextText& context,
                    const SiteLayout& layout, const std::vector<ArgBytes>& args) {
  std::size_t from = 0;  // where the rest begins
  for (std::size_t i = 0; i < context.parts.size(); ++i) {
    const ContextText::Part& part = context.parts[i];
    if (!has_own_field(layout, args, part.key)) continue;
    const std::size_t begin = begin_of(part);
    out = append_plain_text(out, text.substr(from, begin - from));
    from = i + 1 < context.parts.size() ? begin_of(context.parts[i + 1]) : text.size();
  }
  return append_plain_text(out, text.substr(from));
}

}  // namespace

bool has_own_field(const SiteLayout& layout, const std::vector<ArgBytes>& args,
                   std::string_view key) {
  if (layout.is_shadowed(key)) return true;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (layout.args[i].role == ArgRole::kField && is_same_json_text(args[i].key, key)) {
      return true;
    }
    if (layout.args[i].role == ArgRole::kFieldList && has_key(args[i], key)) return true;
  }
  return false;
}

char* append_json_context(char* out, bool is_first, const RecordView& record,
                          const SiteLayout& layout, const std::vector<ArgBytes>& args) {
  const ContextText& context = *record.context;
  const auto begin_of = [](const ContextText::Part& part) { return part.json_begin; };
  char* const end = append_others(out, context.json, begin_of, context, layout, args);
  if (!is_first || end == out) return end;
  std::memmove(out, out + 1, static_cast<std::size_t>(end - out - 1));  // without the comma
  return end - 1;
}

char* append_line_context(char* out, const RecordView& record, const SiteLayout& layout,
                          const std::vector<ArgBytes>& args) {
  const auto begin_of = [](const ContextText::Part& part) { return part.line_begin; };
  return append_others(out, record.context->line, begin_of, *record.context, layout, args);
}

}  // namespace metlog
