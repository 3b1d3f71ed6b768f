#pragma once

#include <string>

#include "metlog/loss.h"

namespace metlog {

/// The reasons that are not zero: "no_receiver 3, too_big 1"; empty when nothing was lost.
std::string loss_text(const LossCounts& lost);

/// The same as a JSON object: {"no_receiver":3,"too_big":1}
std::string loss_json(const LossCounts& lost);

/// What to do about the most frequent reason.
std::string loss_advice(const LossCounts& lost);

}  // namespace metlog
