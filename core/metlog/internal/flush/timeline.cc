#include "metlog/internal/flush/timeline.h"

#include <cstdlib>

#include "metlog/internal/text/timestamp_text.h"

namespace metlog {

std::string time_text(std::int64_t utc_ns) {
  TimestampText text;
  char out[TimestampText::kBytes];
  text.append(out, utc_ns);
  return std::string(out, sizeof out);
}

std::optional<Timeline::Jump> Timeline::jump_to(const ClockLine& next, std::uint64_t now) const {
  const Jump jump{line_.utc_ns(now), next.utc_ns(now)};
  const auto shift_ns = static_cast<std::uint64_t>(std::llabs(jump.to_ns - jump.from_ns));
  if (shift_ns < kLeastJumpNs + next.span_ns(now - looked_at_) / kSlewedPart) return std::nullopt;
  return jump;
}

void Timeline::follow(const ClockLine& next, std::uint64_t now) {
  if (jump_to(next, now).has_value()) {
    before_ = line_;
    jumped_at_ = now;
    ++jumps_;
  }
  line_ = next;
  looked_at_ = now;
}

}  // namespace metlog
