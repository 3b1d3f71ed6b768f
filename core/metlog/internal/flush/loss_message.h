#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/codec/encoder.h"
#include "metlog/internal/ring/cell.h"
#include "metlog/loss.h"

namespace metlog {

/// Messages of a client that were lost for one reason between two times.
struct LossReport {
  LossReason reason;
  std::uint64_t count;
  std::int64_t first_ns;  // UTC
  std::int64_t last_ns;
};

/// The message of type metlog.loss that tells the stream of a loss: fields `count`, `reason`,
/// `first`, `last`, `session` and what `detail` adds (from detail_of_big_record()).
EngineMessage loss_message(const LossReport& loss, std::string_view session,
                           const std::vector<EngineField>& detail);

/// Which record was too big: the fields `site` and `beginning`.
std::vector<EngineField> detail_of_big_record(const RegisteredSite& site, const LossMark& mark);

}  // namespace metlog
