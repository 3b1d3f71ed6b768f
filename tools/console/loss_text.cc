#include "tools/console/loss_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "tools/console/escape_for_terminal.h"

namespace metlog {
namespace {

template <class F>
void each_reason(const LossCounts& lost, F f) {
  for (std::size_t i = 0; i < kLossReasonCount; ++i) {
    const auto reason = static_cast<LossReason>(i);
    if (lost[reason] != 0) f(name_of(reason), lost[reason]);
  }
}

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
      return "see whether the destination can still be written to";
    case LossReason::kExpired:
      return "give it more time with --wait";
    case LossReason::kForked:
      return "send from the parent process";
    case LossReason::kQueueFull:
      return "send more slowly, or wait for room with the policy block";
    case LossReason::kFilterFailed:
      return "mend the filter that threw";
    case LossReason::kFormatterFailed:
      return "mend the formatter that threw";
  }
  return "";
}

}  // namespace

std::string loss_text(const LossCounts& lost) {
  std::string text;
  each_reason(lost, [&text](std::string_view name, std::uint64_t count) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", name, grouped(count));
  });
  return text;
}

std::string loss_json(const LossCounts& lost) {
  std::string text;
  each_reason(lost, [&text](std::string_view name, std::uint64_t count) {
    text += fmt::format("{}\"{}\":{}", text.empty() ? "" : ",", name, count);
  });
  return fmt::format("{{{}}}", text);
}

std::string loss_advice(const LossCounts& lost) {
  const auto most = std::max_element(lost.by_reason.begin(), lost.by_reason.end());
  return std::string(advice_for(static_cast<LossReason>(most - lost.by_reason.begin())));
}

}  // namespace metlog
