#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "tools/router/input/input.h"

namespace metlog {

/// Waits until one of the inputs has something, a signal arrives or the time is over.
void wait_for_input(const std::vector<std::unique_ptr<Input>>& inputs,
                    std::chrono::milliseconds longest);

}  // namespace metlog
