#pragma once

#include <optional>

namespace metlog {

/// Why a destination does not take what a sender writes: what the system said.
struct Trouble {
  const char* doing = "";  // "connect", "write": completes "cannot ..."; a literal
  int error = 0;           // an errno
};

/// Notes the trouble of the sender that runs on this thread, in place of an earlier one. Costs two
/// stores. Any thread.
void note_trouble(const char* doing, int error);

/// Returns what was noted on this thread since the last call.
std::optional<Trouble> take_trouble();

}  // namespace metlog
