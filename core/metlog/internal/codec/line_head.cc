#include "metlog/internal/codec/line_head.h"

#include "metlog/internal/text/line_text.h"
#include "metlog/internal/text/number_text.h"

namespace metlog {
namespace {

// The names of the macros, in one width: short, and what a user greps for.
char* append_severity(char* out, std::int64_t severity) {
  constexpr std::string_view kNames[] = {"EMERG ", "ALERT ", "CRIT  ", "ERROR ",
                                         "WARN  ", "NOTICE", "INFO  ", "DEBUG "};
  if (severity >= 0 && severity <= 7) return append_plain_text(out, kNames[severity]);
  char* const narrowest = out + kNames[0].size();
  out = append_integer(out, severity);
  while (out < narrowest) *out++ = ' ';
  return out;
}

char* append_origin(char* out, const MessageOrigin& origin) {
  *out++ = ' ';
  out = append_severity(out, origin.severity);
  *out++ = ' ';
  out = origin.logger.empty() ? append_plain_text(out, "-") : append_line_word(out, origin.logger);
  *out++ = ':';
  if (origin.type == "oldstyle") return out;
  return append_line_word(append_plain_text(out, " "), origin.type);
}

char* append_name(char* out, const SitePlan& plan, const std::vector<ArgBytes>& args) {
  if (!plan.is_metric()) return out;
  return append_line_word(append_plain_text(out, " "),
                          plan.name_arg == SIZE_MAX ? plan.site->text : args[plan.name_arg].text());
}

}  // namespace

std::string LineHead::make(const MessageOrigin& origin) {
  constexpr std::size_t kConstant = 16;  // more than append_origin() writes of its own
  std::string head(
      kConstant + kMaxIntegerBytes + kLineTextGrowth * (origin.type.size() + origin.logger.size()),
      '\0');
  head.resize(static_cast<std::size_t>(append_origin(head.data(), origin) - head.data()));
  return head;
}

char* LineHead::render(char* out, const SitePlan& plan, const std::vector<ArgBytes>& args,
                       std::uint32_t slot) {
  return append_name(append_origin(out, origin_of(plan, args, cache_.client(slot))), plan, args);
}

}  // namespace metlog
