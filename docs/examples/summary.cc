#include "docs/examples/summary.h"

#include <fmt/format.h>

#include <string_view>

namespace shop {
namespace {

std::string latency_json(const LatencyCounts& counts) {
  return fmt::format(R"({{"count":{},"p50":{:.1f},"p99":{:.1f},"p99.9":{:.1f}}})", counts.count(),
                     counts.quantile_ns(0.5), counts.quantile_ns(0.99), counts.quantile_ns(0.999));
}

std::string lost_json(const metlog::LossCounts& lost) {
  std::string json = "{";
  for (std::size_t i = 0; i < metlog::kLossReasonCount; ++i) {
    const auto reason = static_cast<metlog::LossReason>(i);
    json += fmt::format(R"({}"{}":{})", i == 0 ? "" : ",", metlog::name_of(reason), lost[reason]);
  }
  return json + "}";
}

}  // namespace

std::string to_json(const Summary& summary) {
  return fmt::format(
      R"({{"requests":{},"emitted":{},"sent":{},"pending":{},"lost":{},"log_call_ns":{},)"
      R"("empty_call_ns":{}}})"
      "\n",
      summary.requests, summary.ledger.emitted, summary.ledger.sent, summary.ledger.pending,
      lost_json(summary.ledger.lost), latency_json(summary.log_calls),
      latency_json(summary.empty_calls));
}

}  // namespace shop
