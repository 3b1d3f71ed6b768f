#include "metlog/internal/flush/destination_groups.h"

#include <algorithm>
#include <utility>

namespace metlog {

void DestinationGroups::join(std::uint32_t slot, const std::vector<std::uint32_t>& others) {
  std::vector<std::uint32_t>& slots = members_[slot].slots;
  slots = {slot};
  for (const std::uint32_t other : others) {
    if (clients_[other].destination != nullptr) slots.push_back(other);
  }
  if (slots.size() == 1) return;
  for (const std::uint32_t each : slots) members_[each].first_slot = slot;
  find_same_texts(slot);
}

void DestinationGroups::regroup(std::uint32_t slot, const std::vector<std::uint32_t>& others) {
  const std::vector<std::uint32_t> before = members_[slot].slots;
  for (const std::uint32_t each : before) members_[each].first_slot = kNowhere;
  join(slot, others);
  for (const std::uint32_t other : others) {
    if (std::find(before.begin(), before.end(), other) != before.end()) continue;
    clients_[other].destination->begin_beside(*clients_[slot].destination);
  }
}

void DestinationGroups::leave(std::uint32_t slot) {
  const std::uint32_t first = std::exchange(members_[slot].first_slot, kNowhere);
  members_[slot].slots.clear();
  if (first == kNowhere) return;
  std::vector<std::uint32_t>& slots = members_[first].slots;
  slots.erase(std::remove(slots.begin(), slots.end(), slot), slots.end());
  find_same_texts(first);
}

void DestinationGroups::change(std::uint32_t slot) {
  if (is_one_of_several(slot)) {
    find_same_texts(members_[slot].first_slot);
  } else {
    members_[slot].slots = {slot};
  }
}

void DestinationGroups::find_same_texts(std::uint32_t first_slot) {
  const std::vector<std::uint32_t>& slots = members_[first_slot].slots;
  for (const std::uint32_t slot : slots) {
    const Formatter& format = clients_[slot].format;
    members_[slot].same_text_as =
        *std::find_if(slots.begin(), slots.end(), [&](std::uint32_t other) {
          const Formatter& others = clients_[other].format;
          return others.format() == format.format() && others.options() == format.options();
        });
  }
}

bool DestinationGroups::gives_up(std::uint32_t slot) const {
  const DeliveryClient& client = clients_[slot];
  return !client.is_waited_for.load(std::memory_order_relaxed) &&  // relaxed: a switch
         client.destination->patience().is_over();
}

/// Room first, everywhere: a record that has to wait comes again, to all of them.
bool DestinationGroups::find_room(const RecordView& record, std::uint32_t slot,
                                  std::size_t queue_key, Ways& ways) {
  const std::vector<std::uint32_t>& slots = members_[slot].slots;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const DeliveryClient& client = clients_[slots[i]];
    Way& way = ways[i];
    way.is_filtered = client.filters != nullptr && client.filters->drops_unread(record);
    if (way.is_filtered) continue;
    way.out = client.destination->try_reserve(queue_key, client.encoder->bound(record, slots[i]));
    if (way.out == nullptr && !gives_up(slots[i])) return false;
  }
  return true;
}

void DestinationGroups::write_plain(const RecordView& record, std::uint32_t slot,
                                    std::size_t queue_key, Ways& ways) {
  const std::vector<std::uint32_t>& slots = members_[slot].slots;
  std::array<const Way*, kMaxDestinations> made{};  // with the text, by its first slot's index
  for (std::size_t i = 0; i < slots.size(); ++i) {
    Way& way = ways[i];
    if (way.out == nullptr) continue;
    const auto first = std::find(slots.begin(), slots.end(), members_[slots[i]].same_text_as);
    const Way*& same = made[static_cast<std::size_t>(first - slots.begin())];
    way.end = same == nullptr ? clients_[slots[i]].encoder->encode(way.out, record, slots[i])
                              : std::copy(same->out, same->end, way.out);
    same = &way;
  }
  // Last: the identity of a message is written into its text.
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (ways[i].out == nullptr) continue;
    clients_[slots[i]].destination->commit(queue_key, ways[i].end, record.id);
  }
}

}  // namespace metlog
