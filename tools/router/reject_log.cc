#include "tools/router/reject_log.h"

#include <string>
#include <utility>

#include "tools/console/escape_for_terminal.h"

namespace metlog {
namespace {

// Of what was received, so much is shown.
constexpr std::size_t kSampleBytes = 200;
constexpr std::size_t kSampleWidth = 80;

}  // namespace

void RejectLog::note(Kind& kind, std::string_view reason, const Input& input,
                     std::string_view text) {
  ++kind.unsaid;
  if (!kind.limit.take()) return;
  const std::string count = grouped(std::exchange(kind.unsaid, 0));
  const std::string peer = input.peer();
  const std::string sample =
      cut_to_width(escape_for_terminal(text.substr(0, kSampleBytes)), kSampleWidth);
  diagnose("rejected %s as %.*s at %s%s%s: %s", count.c_str(), static_cast<int>(reason.size()),
           reason.data(), input.endpoint().c_str(), peer.empty() ? "" : " from ", peer.c_str(),
           sample.c_str());
}

}  // namespace metlog
