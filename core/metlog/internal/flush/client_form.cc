// How a client's messages are written: the flusher's encoders, and what stands behind them.

#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "metlog/internal/flush/flusher.h"

namespace metlog {

void Flusher::install(std::uint32_t slot, ClientForm form,
                      std::unique_ptr<Destination> destination) {
  encoders_[slot] = form.format.format() == MessageFormat::kText
                        ? static_cast<Encoder*>(&lines_)
                        : static_cast<Encoder*>(&envelopes_);
  filters_[slot].reset();
  formattings_[slot].reset();
  const bool is_formatted = Formatting::is_for(form.format);
  if (is_formatted) formattings_[slot] = std::make_unique<Formatting>(std::move(form.format));
  if (is_formatted || !form.filters.empty()) {
    envelopes_.set_client(slot, form.text);  // what filters and formatters read
    filters_[slot] = std::make_unique<FilterChain>(std::move(form.filters), form.text);
  }
  encoders_[slot]->set_client(slot, std::move(form.text));
  destinations_[slot] = std::move(destination);
}

// A message of the engine's own, in its client's format.
std::string Flusher::text_of(const EngineMessage& message, std::uint32_t slot) {
  std::string text = encoders_[slot]->encode(message, slot);
  if (formattings_[slot] == nullptr) return text;
  std::optional<std::string> formatted = formattings_[slot]->text_of(text, message.utc_ns);
  // A formatter that fails at the user's messages may fail at the one that tells of it, too.
  return formatted.has_value() ? *std::move(formatted) : text;
}

// The user's message of this envelope, in its client's format. There is room for it, or will be:
// the caller has reserved some.
void Flusher::put_formatted(std::string_view envelope, std::int64_t utc_ns, std::uint32_t slot,
                            std::size_t lane_key) {
  Destination& destination = *destinations_[slot];
  const std::optional<std::string> text = formattings_[slot]->text_of(envelope, utc_ns);
  if (text.has_value()) {
    put_text(*text, destination, lane_key, Batch::Origin::kUser);
  } else {
    destination.count_lost(LossReason::kFormatterFailed, 1);
  }
}

}  // namespace metlog
