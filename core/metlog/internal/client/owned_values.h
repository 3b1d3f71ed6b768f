#pragma once

#include <deque>
#include <string_view>
#include <vector>

#include "metlog/client.h"
#include "metlog/field.h"
#include "metlog/value.h"

namespace metlog {

/// Copies of what a FieldValue or a text refers to, valid for as long as this lives.
class OwnedValues {
 public:
  OwnedValues() = default;
  OwnedValues(const OwnedValues&) = delete;
  OwnedValues& operator=(const OwnedValues&) = delete;

  std::string_view keep(std::string_view text);
  FieldValue keep(const FieldValue& value);

 private:
  std::deque<Value> values_;  // which stay where they are
};

/// The options of a call together with all that they refer to: for calls that are made again and
/// again, long after they were described. Immutable.
class OwnedCallOptions {
 public:
  explicit OwnedCallOptions(const CallOptions& options);
  OwnedCallOptions(const OwnedCallOptions&) = delete;
  OwnedCallOptions& operator=(const OwnedCallOptions&) = delete;

  /// Valid for as long as this lives.
  [[nodiscard]] const CallOptions& options() const { return options_; }

 private:
  OwnedValues values_;
  std::vector<Field> fields_;
  CallOptions options_;
};

}  // namespace metlog
