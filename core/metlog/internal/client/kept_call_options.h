#pragma once

#include <vector>

#include "metlog/client.h"
#include "metlog/internal/client/owned_values.h"

namespace metlog {

/// The options of a call together with all that they refer to: for calls that are made again and
/// again, long after they were described. Immutable.
class KeptCallOptions {
 public:
  explicit KeptCallOptions(const CallOptions& options);
  KeptCallOptions(const KeptCallOptions&) = delete;
  KeptCallOptions& operator=(const KeptCallOptions&) = delete;

  /// Valid for as long as this lives.
  [[nodiscard]] const CallOptions& options() const { return options_; }

 private:
  KeptValues values_;
  std::vector<Field> fields_;
  CallOptions options_;
};

}  // namespace metlog
