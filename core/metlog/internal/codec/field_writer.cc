#include "metlog/internal/codec/field_writer.h"

#include <string>
#include <string_view>

namespace metlog {

template <class Style>
char* FieldWriter<Style>::append(char* out, const SiteLayout& layout,
                                 const std::vector<ArgBytes>& args) {
  WrittenMembers members;
  Start* const starts = starts_of(layout);
  for (std::size_t i = 0; i < layout.args.size(); ++i) {
    const ArgLayout& arg = layout.args[i];
    if (arg.role == ArgRole::kFieldList) out = append_list(out, layout, args[i], members);
    if (arg.role != ArgRole::kField || layout.is_shadowed(args[i].key)) continue;
    char* const begin = out;
    out = append_start(out, starts[i], args[i].key);
    if (layout.may_repeat_keys) members.add(begin, begin, out);
    out = arg.type == "s"
              ? Style::append_text(out, args[i].text())
              : Style::append_value(out, arg.type, ByteCursor(args[i].at, args[i].size), scratch_);
    if constexpr (Style::kAfter != 0) *out++ = Style::kAfter;
  }
  return members.keep_last(out);
}

template <class Style>
char* FieldWriter<Style>::write_start(char* out, std::string_view key) {
  if constexpr (Style::kBefore != 0) *out++ = Style::kBefore;
  return Style::append_key(out, key);
}

template <class Style>
typename FieldWriter<Style>::Start* FieldWriter<Style>::starts_of(const SiteLayout& layout) {
  const std::size_t site = layout.site->id - kFirstSiteId;
  if (starts_.size() <= site) starts_.resize(site + 1 + site / 2);
  std::vector<Start>& starts = starts_[site];
  if (starts.empty()) starts.resize(layout.args.size() + 1);
  return starts.data();
}

template <class Style>
inline char* FieldWriter<Style>::append_start(char* out, Start& start, std::string_view key) {
  if (start.text.size == 0 || start.key != key) [[unlikely]] {
    start.key = key;
    start.text.assign({out, static_cast<std::size_t>(write_start(out, key) - out)});
  }
  return start.text.append(out);
}

template <class Style>
char* FieldWriter<Style>::append_metric_start(char* out, const SiteLayout& layout) {
  Start& start = starts_of(layout)[layout.args.size()];
  if (start.text.size == 0) [[unlikely]] {
    char* end = Style::append_text(write_start(out, "name"), layout.site->text);
    if constexpr (Style::kAfter != 0) *end++ = Style::kAfter;
    end = write_start(end, "metric_value");
    start.text.assign({out, static_cast<std::size_t>(end - out)});
  }
  return start.text.append(out);
}

template <class Style>
char* FieldWriter<Style>::append_list(char* out, const SiteLayout& layout, const ArgBytes& bytes,
                                      WrittenMembers& members) {
  ByteCursor cursor(bytes.at, bytes.size);
  const auto count = cursor.take<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && !cursor.is_at_end(); ++i) {
    const std::string_view key = cursor.take_text(cursor.take<std::uint32_t>());
    char* end = out;
    if constexpr (Style::kBefore != 0) *end++ = Style::kBefore;
    end = Style::append_key(end, key);
    const char* const key_end = end;
    end = Style::append_stored(end, cursor);
    if constexpr (Style::kAfter != 0) *end++ = Style::kAfter;
    if (layout.is_shadowed(key)) continue;
    members.add(out, out, key_end);
    out = end;
  }
  return out;
}

template class FieldWriter<EnvelopeFields>;
template class FieldWriter<LineFields>;
template class FieldWriter<LogfmtFields>;
template class FieldWriter<EcsFields>;
template class FieldWriter<GelfFields>;
template class FieldWriter<OtelFields>;
template class FieldWriter<SyslogFields>;
template class FieldWriter<JournalFields>;

}  // namespace metlog
