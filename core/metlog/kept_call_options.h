#pragma once

#include <deque>
#include <string>
#include <vector>

#include "metlog/client.h"

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
  std::string_view keep(std::string_view text);

  std::deque<std::string> texts_;  // which stay where they are
  std::vector<Field> fields_;
  CallOptions options_;
};

}  // namespace metlog
