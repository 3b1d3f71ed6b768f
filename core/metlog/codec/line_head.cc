#include "metlog/codec/line_head.h"

#include "metlog/codec/line_text.h"

namespace metlog {
namespace {

constexpr std::size_t kSeverityWidth = 6;

// The names of the macros, in one width: short, and what a user greps for.
std::string padded_severity(std::int64_t severity) {
  constexpr std::string_view kNames[] = {"EMERG", "ALERT",  "CRIT", "ERROR",
                                         "WARN",  "NOTICE", "INFO", "DEBUG"};
  std::string text =
      severity >= 0 && severity <= 7 ? std::string(kNames[severity]) : std::to_string(severity);
  if (text.size() < kSeverityWidth) text.resize(kSeverityWidth, ' ');
  return text;
}

std::string rendered_name(const SitePlan& plan, const std::vector<ArgBytes>& args) {
  if (!plan.is_metric()) return {};
  return line_word(plan.name_arg == SIZE_MAX ? plan.site->text : args[plan.name_arg].text());
}

}  // namespace

std::string LineHead::make(const MessageOrigin& origin, std::string_view name) {
  std::string text = " ";
  text.append(padded_severity(origin.severity)).append(" ");
  text.append(origin.logger.empty() ? "-" : line_word(origin.logger)).append(":");
  if (origin.type != "oldstyle") text.append(" ").append(line_word(origin.type));
  if (!name.empty()) text.append(" ").append(name);
  return text;
}

const std::string& LineHead::of(const SitePlan& plan, const std::vector<ArgBytes>& args,
                                std::uint32_t slot) {
  const bool is_own = plan.has_own_head || plan.name_arg != SIZE_MAX;
  std::string& head = is_own ? own_ : cache_.of(plan, slot);
  if (is_own || head.empty()) {
    head = make(origin_of(plan, args, cache_.client(slot)), rendered_name(plan, args));
  }
  return head;
}

}  // namespace metlog
