#pragma once

#include "tools/router/decode/known_pairs.h"
#include "tools/router/decode/known_shapes.h"

namespace metlog {

/// What is remembered of the envelopes that were found right. Used by one thread.
struct KnownEnvelopes {
  KnownShapes shapes;
  KnownPairs pairs;  // for texts of no known shape
};

}  // namespace metlog
