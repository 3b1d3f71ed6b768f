#include "metlog/internal/codec/text_body.h"

#include <type_traits>

#include "metlog/internal/codec/field_styles.h"
#include "metlog/internal/text/field_value_text.h"
#include "metlog/internal/text/json_text.h"
#include "metlog/internal/text/number_text.h"

namespace metlog {

char* append_elapsed(char* out, std::uint64_t ns, TimerResolution resolution) {
  if (resolution == TimerResolution::kMilliseconds) {
    out = append_uint(out, (ns + 500'000) / 1'000'000);
  } else {
    out = append_milliseconds(out, ns);
    if (ns % 1'000 == 0) out -= 3;
  }
  return append_plain_text(out, " ms");
}

template <class Escaping>
char* TextBody<Escaping>::append(char* out, const RecordView& record,
                                 const std::vector<ArgBytes>& args, TimerResolution timers) {
  const SiteLayout& layout = *record.layout;
  if (layout.payload_arg == SIZE_MAX) {
    if (layout.site->kind == SiteKind::kLog) return format_writer_.append(out, layout, args);
    if (layout.is_metric()) *out++ = '1';
    return out;
  }
  const ArgLayout& arg = layout.args[layout.payload_arg];
  const ArgBytes& bytes = args[layout.payload_arg];
  ByteCursor cursor(bytes.at, bytes.size);
  if (arg.role == ArgRole::kElapsed) {
    return append_elapsed(out, record.clock->span_ns(cursor.take<std::uint64_t>()), timers);
  }
  if (arg.role == ArgRole::kCount) {
    out =
        arg.type == "s" ? Escaping::append(out, bytes.text()) : append_count(out, arg.type, cursor);
    return layout.site->kind == SiteKind::kTimer ? append_plain_text(out, " ms") : out;
  }
  if (arg.role == ArgRole::kPayloadValue) {
    return append_payload_value(out, cursor, Escaping::append, Escaping::append_json);
  }
  return arg.type == "s" ? Escaping::append(out, bytes.text()) : append_payload(out, arg, bytes);
}

template <class Escaping>
char* TextBody<Escaping>::append_payload(char* out, const ArgLayout& arg, const ArgBytes& bytes) {
  ByteCursor cursor(bytes.at, bytes.size);
  if constexpr (std::is_same_v<Escaping, LineEscaping>) {
    return LineFields::append_value(out, arg.type, cursor, scratch_);
  } else {
    std::string_view type = arg.type;
    scratch_.resize(kValueTextExtra + value_text_growth(type) * bytes.size);
    const char* const end = append_text_value(scratch_.data(), type, cursor);
    return Escaping::append(out,
                            {scratch_.data(), static_cast<std::size_t>(end - scratch_.data())});
  }
}

template class TextBody<JsonEscaping>;
template class TextBody<LineEscaping>;
template class TextBody<QuotedEscaping>;
template class TextBody<BlockEscaping>;

}  // namespace metlog
