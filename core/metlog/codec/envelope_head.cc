#include "metlog/codec/envelope_head.h"

#include "metlog/codec/json_text.h"

namespace metlog {

EnvelopeHead::EnvelopeHead(const ProcessText& process)
    : tail_(",\"env_version\":\"0.8\",\"metlog_pid\":" + std::to_string(process.pid) +
            ",\"metlog_hostname\":\"" + json_text(process.hostname) + "\",\"timestamp\":\"") {}

std::string EnvelopeHead::make(const MessageOrigin& origin) const {
  return "{\"type\":\"" + json_text(origin.type) + "\",\"logger\":\"" + json_text(origin.logger) +
         "\",\"severity\":" + std::to_string(origin.severity) + tail_;
}

const std::string& EnvelopeHead::of(const SitePlan& plan, const std::vector<ArgBytes>& args,
                                    std::uint32_t slot) {
  if (plan.has_own_head) return own_ = make(origin_of(plan, args, cache_.client(slot)));
  std::string& head = cache_.of(plan, slot);
  if (head.empty()) head = make(origin_of(plan, args, cache_.client(slot)));
  return head;
}

}  // namespace metlog
