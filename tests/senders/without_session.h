#pragma once

#include <cstddef>

#include "metlog/engine.h"

namespace metlog {

/// An engine with threads of its own, whose rings are in no files.
inline Engine::Parts without_session(std::size_t ring_bytes = EngineOptions().ring_bytes) {
  Engine::Parts parts;
  parts.options.ring_bytes = ring_bytes;
  parts.options.session_directory = "none";
  return parts;
}

}  // namespace metlog
