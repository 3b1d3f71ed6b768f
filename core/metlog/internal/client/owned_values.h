#pragma once

#include <deque>
#include <string_view>

#include "metlog/field.h"
#include "metlog/value.h"

namespace metlog {

/// Copies of what a FieldValue or a text refers to, valid for as long as this lives.
class KeptValues {
 public:
  KeptValues() = default;
  KeptValues(const KeptValues&) = delete;
  KeptValues& operator=(const KeptValues&) = delete;

  std::string_view keep(std::string_view text);
  FieldValue keep(const FieldValue& value);

 private:
  std::deque<Value> values_;  // which stay where they are
};

}  // namespace metlog
