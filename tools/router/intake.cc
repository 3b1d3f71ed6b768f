#include "tools/router/intake.h"

namespace metlog {

void Intake::reject(RejectReason reason, const MessageBytes& bytes) {
  ++rejected_[static_cast<std::size_t>(reason)];
  if (!refused_.is_wanted()) return;
  refused_.note({input_->endpoint(), name_of(reason), bytes.text, bytes.sent_bytes});
}

void Intake::reject(FrameDamage damage, const Frame& frame) {
  if (!refused_.is_wanted()) return;
  refused_.note({input_->endpoint(), name_of(damage), frame.text, frame.sent_bytes});
}

void Intake::add_to(RouterLedger& ledger) const {
  ledger.client_losses = client_losses_.counts();
  ledger.accepted = accepted_;
  ledger.engine_messages = engine_messages_;
  ledger.rejected = rejected_;
  ledger.repaired = repaired_;
  ledger.refused_input = refused_.counts();
}

}  // namespace metlog
