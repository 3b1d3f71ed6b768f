#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "tools/router/config/settings.h"
#include "tools/router/input/input.h"

namespace metlog {

// [input.NAME] with `type =`, as output_types.h has it for outputs.

/// What holds for all inputs of a router.
struct InputLimits {
  std::size_t max_frame = 256 * 1024;    // bytes of one frame
  std::size_t max_message = 256 * 1024;  // bytes of one line
  Reach reach = Reach::kLoopbackOnly;
};

/// Binds an input, or several where a name has several addresses; errors name the address and what
/// to do.
using OpenInputs = std::function<absl::StatusOr<std::vector<std::unique_ptr<Input>>>()>;

struct InputType {
  std::string_view name;
  OpenInputs (*read)(Settings& settings, const InputLimits& limits);
  bool delivers_frames = true;  // false for one that only answers
};

const std::vector<InputType>& input_types();

}  // namespace metlog
