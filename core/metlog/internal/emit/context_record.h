#pragma once

#include <cstdint>

#include "metlog/internal/emit/producer.h"

namespace metlog {

/// Whether the thread's context is not yet the one that its ring was told of.
[[nodiscard]] bool has_changed_context(const Producer& producer);

/// Tells the ring of the thread's context, by a control record before that of a call of `cells`
/// cells and this stamp. False when there is no room, for which it waits for the next call.
bool try_tell_context(Producer& producer, std::uint64_t stamp, std::uint64_t cells, Room room);

}  // namespace metlog
