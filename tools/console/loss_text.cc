#include "tools/console/loss_text.h"

#include <algorithm>
#include <string_view>

namespace metlog {
namespace {

std::string_view advice_for(LossReason reason) {
  switch (reason) {
    case LossReason::kRingFull:
      return "send more slowly, or let the calls wait (--policy block)";
    case LossReason::kTooBig:
      return "shorten the message";
    case LossReason::kNoReceiver:
      return "start metlogd there, or correct --to";
    case LossReason::kTooLong:
      return "shorten the message, or send it over tcp:";
    case LossReason::kRefused:
      return "see whether something listens there, or whether it can still be written to";
    case LossReason::kExpired:
      return "give it more time with --wait";
    case LossReason::kForked:
      return "send from the parent process";
    case LossReason::kQueueFull:
      return "send more slowly, or wait for room with the policy block";
    case LossReason::kFilterFailed:
      return "fix the filter that threw";
    case LossReason::kFormatterFailed:
      return "fix the formatter that threw";
    case LossReason::kNoRing:
      return "raise EngineOptions::max_ring_bytes, or use fewer threads";
    case LossReason::kDamaged:
      return "look for writes through wild pointers, with -fsanitize=address";
  }
  return "";
}

}  // namespace

std::string loss_text(const LossCounts& lost) { return counts_text<LossReason>(lost.by_reason); }

ValueMap loss_counts(const LossCounts& lost) { return counts_value<LossReason>(lost.by_reason); }

std::string loss_advice(const LossCounts& lost) {
  const auto most = std::max_element(lost.by_reason.begin(), lost.by_reason.end());
  return std::string(advice_for(static_cast<LossReason>(most - lost.by_reason.begin())));
}

}  // namespace metlog
