#include "metlog/codec/envelope_head.h"

#include "metlog/codec/json_text.h"
#include "metlog/codec/value_text.h"

namespace metlog {
namespace {

std::string_view type_of(const RegisteredSite& site) {
  switch (site.kind) {
    case SiteKind::kLog:
      return "oldstyle";
    case SiteKind::kCounter:
      return "counter";
    case SiteKind::kTimer:
      return "timer";
    case SiteKind::kEvent:
      break;
  }
  return site.text;
}

int severity_of(const RegisteredSite& site, const ClientText& client) {
  return site.kind == SiteKind::kLog ? static_cast<int>(site.severity) : client.severity;
}

}  // namespace

EnvelopeHead::EnvelopeHead(const ProcessText& process)
    : tail_(",\"env_version\":\"0.8\",\"metlog_pid\":" + std::to_string(process.pid) +
            ",\"metlog_hostname\":\"" + json_text(process.hostname) + "\",\"timestamp\":\"") {}

void EnvelopeHead::set_client(std::uint32_t slot, ClientText text) {
  if (clients_.size() <= slot) clients_.resize(slot + 1);
  clients_[slot] = {std::move(text), {}};
}

std::string EnvelopeHead::make(std::string_view type, std::string_view logger,
                               std::int64_t severity) const {
  return "{\"type\":\"" + json_text(type) + "\",\"logger\":\"" + json_text(logger) +
         "\",\"severity\":" + std::to_string(severity) + tail_;
}

const std::string& EnvelopeHead::of(const SitePlan& plan, const std::vector<ArgBytes>& args,
                                    std::uint32_t slot) {
  Client& client = clients_[slot];
  if (plan.has_own_head) {
    own_ = make_own(plan, args, client.text);
    return own_;
  }
  const std::size_t index = plan.site->id - kFirstSiteId;
  if (client.heads.size() <= index) client.heads.resize(index + 1 + index / 2);
  std::string& head = client.heads[index];
  if (head.empty()) {
    head = make(type_of(*plan.site), client.text.logger, severity_of(*plan.site, client.text));
  }
  return head;
}

std::string EnvelopeHead::make_own(const SitePlan& plan, const std::vector<ArgBytes>& args,
                                   const ClientText& client) const {
  std::string_view type = type_of(*plan.site);
  std::string_view logger = client.logger;
  int severity = severity_of(*plan.site, client);
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (plan.args[i].role == ArgRole::kType) type = args[i].text();
    if (plan.args[i].role == ArgRole::kLogger) logger = args[i].text();
    if (plan.args[i].role == ArgRole::kSeverity) {
      severity = ByteCursor(args[i].at, args[i].size).take<std::int32_t>();
    }
  }
  return make(type, logger, severity);
}

}  // namespace metlog
