#include "tools/router/intake.h"

namespace metlog {
namespace {

// Sessions that the ledger names, those with most losses.
constexpr std::size_t kSessionsNamed = 100;

}  // namespace

void Intake::note_engine_message(const DecodedMessage& message) {
  ++engine_messages_;
  if (message.is_loss_message()) {
    client_losses_.note(message);
  } else if (message.type == "metlog.stats") {
    sessions_.note_stats(message, SessionTable::Clock::now());
  } else if (message.type == "metlog.death") {
    sessions_.note_death(message);
  }
}

void Intake::reject(RejectReason reason, const MessageBytes& bytes) {
  ++rejected_[static_cast<std::size_t>(reason)];
  reject_log_.note(reason, *input_, bytes.text);
  if (!refused_.is_wanted()) return;
  refused_.note(
      {input_->endpoint(), name_of(reason), bytes.text, bytes.sent_bytes, input_->peer()});
}

void Intake::reject(FrameDamage damage, const Frame& frame) {
  reject_log_.note(damage, *input_, frame.text);
  if (!refused_.is_wanted()) return;
  refused_.note(
      {input_->endpoint(), name_of(damage), frame.text, frame.sent_bytes, input_->peer()});
}

void Intake::add_to(RouterLedger& ledger) const {
  ledger.client_losses = client_losses_.counts();
  ledger.sessions = sessions_.ledger(kSessionsNamed, SessionTable::Clock::now());
  ledger.accepted = accepted_;
  ledger.engine_messages = engine_messages_;
  ledger.rejected = rejected_;
  ledger.repaired = repaired_;
  ledger.refused_input = refused_.counts();
}

}  // namespace metlog
