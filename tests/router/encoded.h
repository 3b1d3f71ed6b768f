#pragma once

#include <gtest/gtest.h>
#include <simdjson.h>

#include <string>
#include <string_view>

#include "tests/router/decoding.h"
#include "tools/router/output/message_encoder.h"

namespace metlog {

/// What the encoder writes for a JSON text that the decoder accepts.
inline std::string encoded(MessageEncoder& encoder, std::string_view text) {
  Decoding decoding;
  EXPECT_EQ(decoding.outcome(text), "accepted") << text;
  Batch batch(1024);
  if (!encoder.encode(decoding.message(), batch)) {
    EXPECT_EQ(batch.user_count(), 0U);
    return "no form";
  }
  EXPECT_EQ(batch.user_count(), 1U);
  return std::string(batch.message(0));
}

/// A value of a golden file, or `other` where it has none of this type.
template <class T>
T golden_or(T other, const simdjson::simdjson_result<simdjson::dom::element>& value) {
  T found{};
  return value.get(found) == simdjson::SUCCESS ? found : other;
}

}  // namespace metlog
