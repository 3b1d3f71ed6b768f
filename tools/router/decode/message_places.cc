#include "tools/router/decode/message_places.h"

#include <algorithm>

#include "tools/router/decode/decoded_message.h"

namespace metlog {

void MessageMemory::add_piece(std::size_t bytes) {
  const std::size_t size = std::max(bytes, piece_bytes_);
  pieces_.push_back({std::unique_ptr<std::byte[]>(new std::byte[size]), size});
  bytes_ += size;
  at_ = pieces_.back().bytes.get();
  room_ = size;
}

void MessageMemory::free_after(const Mark& mark) {
  for (; pieces_.size() > mark.pieces; pieces_.pop_back()) bytes_ -= pieces_.back().size;
  owners_.resize(mark.owners);
  last_owner_ = owners_.empty() ? nullptr : owners_.back().get();
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
