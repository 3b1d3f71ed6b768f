#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "metlog/internal/flush/delivery_client.h"

namespace metlog {

/// The destinations of each client. One that has several has a slot for each, with setup,
/// destination and account of its own. Its records name the first one, and go to all:
///
///     record of slot 3 -> 3: filters, encoder, destination
///                      -> 7: filters, encoder, destination    slots_of(3) == {3, 7}
///
/// Used by one thread at a time, under the flusher's mutex.
class DestinationGroups {
 public:
  explicit DestinationGroups(DeliveryClients& clients) : clients_(clients) {}

  /// Makes the client in this slot have these other destinations, as far as they are there.
  void join(std::uint32_t slot, const std::vector<std::uint32_t>& others);
  /// Makes the client have these other destinations, which are installed, and no other ones. The
  /// first one has offered all that it has to its queues. What it has got until now counts as
  /// filtered at those that are new, and what the calling threads had lost as reported.
  void regroup(std::uint32_t slot, const std::vector<std::uint32_t>& others);
  /// Removes one of the destinations of a client; the others stay.
  void leave(std::uint32_t slot);
  /// Takes note that what is set up in the slot has changed.
  void change(std::uint32_t slot);

  /// Returns the slots of the client whose records name this one, itself first; none without a
  /// client.
  [[nodiscard]] const std::vector<std::uint32_t>& slots_of(std::uint32_t slot) const {
    return members_[slot].slots;
  }
  /// True for a destination of a client that has or had several.
  [[nodiscard]] bool is_one_of_several(std::uint32_t slot) const {
    return members_[slot].first_slot != kNowhere;
  }
  /// True when records that find no room at one of several destinations are to be given up there:
  /// it is not waited for, or the others have waited for long enough.
  [[nodiscard]] bool gives_up(std::uint32_t slot) const;

  /// Delivers to all destinations of a client that has several: counts what is filtered or lost,
  /// and encodes once for each format. `deliver_filtered(slot)` is called for those that are not
  /// plain. False when one that is waited for has no room: then no destination has the record.
  template <class F>
  bool deliver(const RecordView& record, std::uint32_t slot, std::size_t queue_key,
               const F& deliver_filtered) {
    Ways ways;
    if (!find_room(record, slot, queue_key, ways)) return false;
    const std::vector<std::uint32_t>& slots = members_[slot].slots;
    for (std::size_t i = 0; i < slots.size(); ++i) {
      if (ways[i].is_filtered) {
        clients_[slots[i]].destination->count_filtered();
      } else if (ways[i].out == nullptr) {
        clients_[slots[i]].destination->count_lost(LossReason::kQueueFull, 1);
      } else if (!clients_[slots[i]].is_plain()) {
        deliver_filtered(slots[i]);
        ways[i].out = nullptr;
      }
    }
    write_plain(record, slot, queue_key, ways);
    return true;
  }

 private:
  static constexpr std::uint32_t kNowhere = kClientSlots;
  struct Member {
    std::vector<std::uint32_t> slots;       // of the client whose records name this slot
    std::uint32_t first_slot = kNowhere;    // of the client that has this and other destinations
    std::uint32_t same_text_as = kNowhere;  // the first of its slots whose messages are the same
  };
  /// Where the message for one destination goes; null for nowhere.
  struct Way {
    char* out = nullptr;
    char* end = nullptr;  // once it is written
    bool is_filtered = false;
  };
  using Ways = std::array<Way, kMaxDestinations>;

  bool find_room(const RecordView& record, std::uint32_t slot, std::size_t queue_key, Ways& ways);
  void write_plain(const RecordView& record, std::uint32_t slot, std::size_t queue_key, Ways& ways);
  void find_same_texts(std::uint32_t first_slot);

  DeliveryClients& clients_;
  std::array<Member, kClientSlots> members_;
};

}  // namespace metlog
