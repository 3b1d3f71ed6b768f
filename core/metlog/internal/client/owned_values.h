#pragma once

#include <deque>
#include <string_view>
#include <vector>

#include "metlog/client.h"
#include "metlog/field.h"
#include "metlog/value.h"

namespace metlog {

/// Owns copies of what a FieldValue or a string refers to; they live as long as this object.
class OwnedValues {
 public:
  OwnedValues() = default;
  OwnedValues(const OwnedValues&) = delete;
  OwnedValues& operator=(const OwnedValues&) = delete;

  std::string_view copy(std::string_view text);
  FieldValue copy(const FieldValue& value);

 private:
  std::deque<Value> values_;  // a deque, because its elements do not move
};

/// The options of a call together with everything that they refer to, for calls that are made long
/// after they were described. Immutable.
class OwnedCallOptions {
 public:
  explicit OwnedCallOptions(const CallOptions& options);
  OwnedCallOptions(const OwnedCallOptions&) = delete;
  OwnedCallOptions& operator=(const OwnedCallOptions&) = delete;

  /// Valid as long as this object lives.
  [[nodiscard]] const CallOptions& options() const { return options_; }

 private:
  OwnedValues values_;
  std::vector<Field> fields_;
  CallOptions options_;
};

}  // namespace metlog
