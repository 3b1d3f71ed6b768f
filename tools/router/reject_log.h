#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "metlog/internal/base/diagnostic.h"
#include "tools/router/decode/decoded_message.h"
#include "tools/router/input/frame_ledger.h"
#include "tools/router/input/input.h"

namespace metlog {

/// Says on the standard error who sends what is no message: one line for each reason in ten
/// seconds, with a sample, and how many it stands for. Used by the router's thread.
class RejectLog {
 public:
  void note(RejectReason reason, const Input& input, std::string_view text) {
    note(kinds_[static_cast<std::size_t>(reason)], name_of(reason), input, text);
  }
  void note(FrameDamage damage, const Input& input, std::string_view text) {
    note(kinds_[kRejectReasonCount + static_cast<std::size_t>(damage)], name_of(damage), input,
         text);
  }

 private:
  struct Kind {
    DiagnosticLimit limit;
    std::uint64_t unsaid = 0;  // since the last line
  };

  static void note(Kind& kind, std::string_view reason, const Input& input, std::string_view text);

  std::array<Kind, kRejectReasonCount + kFrameDamageCount> kinds_{};
};

}  // namespace metlog
