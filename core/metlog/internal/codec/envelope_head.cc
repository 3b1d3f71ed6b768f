#include "metlog/internal/codec/envelope_head.h"

#include "metlog/internal/text/number_text.h"

namespace metlog {

EnvelopeHead::EnvelopeHead(const ProcessText& process)
    : tail_(",\"env_version\":\"0.8\",\"metlog_pid\":" + std::to_string(process.pid) +
            ",\"metlog_hostname\":\"" + json_text(process.hostname) + "\",\"timestamp\":\"") {}

char* EnvelopeHead::append(char* out, const MessageOrigin& origin) const {
  out = append_json_text(append_plain_text(out, "{\"type\":\""), origin.type);
  out = append_json_text(append_plain_text(out, "\",\"logger\":\""), origin.logger);
  out = append_integer(append_plain_text(out, "\",\"severity\":"), origin.severity);
  return append_plain_text(out, tail_);
}

std::string EnvelopeHead::make(const MessageOrigin& origin) const {
  constexpr std::size_t kConstant = 64;  // more than append() writes of its own
  std::string head(kConstant + kMaxIntegerBytes + tail_.size() +
                       kJsonTextGrowth * (origin.type.size() + origin.logger.size()),
                   '\0');
  head.resize(static_cast<std::size_t>(append(head.data(), origin) - head.data()));
  return head;
}

char* EnvelopeHead::render(char* out, const SitePlan& plan, const std::vector<ArgBytes>& args,
                           std::uint32_t slot) {
  return append(out, origin_of(plan, args, cache_.client(slot)));
}

}  // namespace metlog
