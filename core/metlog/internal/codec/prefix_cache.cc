#include "metlog/internal/codec/prefix_cache.h"

#include "metlog/internal/text/value_text.h"

namespace metlog {

MessageOrigin origin_of(const SiteLayout& plan, const std::vector<ArgBytes>& args,
                        const ClientText& client) {
  const bool is_log = plan.site->kind == SiteKind::kLog;
  MessageOrigin origin{plan.type(), client.logger,
                       is_log ? static_cast<int>(plan.site->severity) : client.severity};
  if (!plan.has_own_prefix) return origin;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (plan.args[i].role == ArgRole::kType) origin.type = args[i].text();
    if (plan.args[i].role == ArgRole::kLogger) origin.logger = args[i].text();
    if (plan.args[i].role == ArgRole::kSeverity) {
      const auto given = ByteCursor(args[i].at, args[i].size).take<std::int32_t>();
      if (given != kSeverityNotGiven) origin.severity = given;
    }
  }
  return origin;
}

void PrefixCache::set_client(std::uint32_t slot, ClientText text) {
  if (clients_.size() <= slot) clients_.resize(slot + 1);
  clients_[slot] = {std::move(text), {}};
}

}  // namespace metlog
