#pragma once

#include "metlog/value.h"

namespace metlog {

/// What a call by name is given: `{{1, "two"}, {{"verbose", true}}}`.
struct Arguments {
  ValueList positional = {};
  ValueMap named = {};
};

}  // namespace metlog
