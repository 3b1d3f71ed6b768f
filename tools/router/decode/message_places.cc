#include "tools/router/decode/message_places.h"

#include <algorithm>

#include "tools/router/decode/decoded_message.h"

namespace metlog {

void MessageMemory::add_piece(std::size_t bytes) {
  const std::size_t size = std::max(bytes, piece_bytes_);
  pieces_.emplace_back(new std::byte[size]);
  at_ = pieces_.back().get();
  room_ = size;
  if (pieces_.size() > 1) return;
  first_ = at_;
  first_size_ = size;
}

void MessageMemory::free_rest() {
  if (pieces_.size() > 1) pieces_.resize(1);
  if (owners_.size() > 1) owners_.erase(owners_.begin(), owners_.end() - 1);
}

void PlacesInText::store(const FieldPlace* fields, std::size_t count, MessageMemory& memory,
                         DecodedMessage& message) {
  static constexpr std::uint32_t kWholeText = 0;
  table_.fields = fields;
  table_.field_count = count;
  auto* const table = memory.reserve<PlaceTable>(1);
  *table = table_;
  memory.take<PlaceTable>(1);
  message.places = table;
  message.runs = &kWholeText;
}

}  // namespace metlog
