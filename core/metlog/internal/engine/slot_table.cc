#include "metlog/internal/engine/slot_table.h"

#include <utility>

namespace metlog {

std::uint32_t SlotTable::find_free() {
  // In turn, so that a slot is free for as long as possible before it is used again.
  for (std::uint32_t tried = 0; tried < kClientSlots; ++tried) {
    const std::uint32_t candidate = next_++ % kClientSlots;
    if (!slots_[candidate].has_value()) return candidate;
  }
  return kClientSlots;
}

bool SlotTable::take_each(std::vector<OpenSlot>& destinations, std::vector<std::uint32_t>& taken) {
  for (OpenSlot& open : destinations) {
    const std::uint32_t slot = find_free();
    if (slot == kClientSlots) {
      for (std::size_t i = 0; i < taken.size(); ++i) {
        destinations[i] = *std::move(slots_[taken[i]]);
        slots_[taken[i]].reset();
      }
      taken.clear();
      return false;
    }
    slots_[slot] = std::move(open);
    taken.push_back(slot);
  }
  return true;
}

std::vector<std::uint32_t> SlotTable::take(std::vector<OpenSlot>& destinations) {
  std::vector<std::uint32_t> taken;
  std::vector<std::uint32_t> others;
  taken.reserve(destinations.size());
  others.reserve(destinations.size());
  const std::lock_guard lock(mutex);
  if (!take_each(destinations, taken) || taken.size() == 1) return taken;
  for (const std::uint32_t slot : taken) {
    slots_[slot]->first_slot = taken.front();
    if (slot != taken.front()) others.push_back(slot);
  }
  slots_[taken.front()]->others = std::move(others);
  return taken;
}

std::vector<std::uint32_t> SlotTable::take_more(std::vector<OpenSlot>& destinations,
                                                std::uint32_t first) {
  std::vector<std::uint32_t> taken;
  taken.reserve(destinations.size());
  for (OpenSlot& open : destinations) open.first_slot = first;
  const std::lock_guard lock(mutex);
  take_each(destinations, taken);
  return taken;
}

void SlotTable::give_back(std::uint32_t slot) {
  std::optional<OpenSlot> gone;  // destroyed without the lock: the program's destructors may call
  const std::lock_guard lock(mutex);
  gone.swap(slots_[slot]);
}

bool SlotTable::take_over(const SlotTable& parent, std::uint32_t slot) {
  slots_[slot] = parent.slots_[slot];
  return slots_[slot].has_value();
}

void SlotTable::exchange(std::uint32_t slot, OpenSlot& open) {
  const std::lock_guard lock(mutex);
  std::swap(*slots_[slot], open);
}

SlotTable::Open SlotTable::open() const {
  Open open;
  const std::lock_guard lock(mutex);
  for (std::uint32_t slot = 0; slot < kClientSlots; ++slot) {
    if (!slots_[slot].has_value()) continue;
    open.is_open[slot] = true;
    open.is_made_by_url[slot] = slots_[slot]->connect != nullptr;
    open.limits[slot] = slots_[slot]->options.close_limit;
  }
  return open;
}

std::string SlotTable::logger_of(std::uint32_t slot) const {
  std::array<char, 256> name;
  std::size_t size = 0;
  {
    const std::lock_guard lock(mutex);
    if (slots_[slot].has_value()) {
      size = slots_[slot]->options.logger.copy(name.data(), name.size());
    }
  }
  return {name.data(), size};
}

}  // namespace metlog
