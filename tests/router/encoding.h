#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "metlog/batch.h"
#include "tests/router/decoding.h"
#include "tools/router/output/message_encoder.h"

namespace metlog {

/// What the encoder makes of a JSON text that the decoder accepts.
inline std::string encoded(MessageEncoder& encoder, std::string_view text) {
  Decoding decoding;
  EXPECT_EQ(decoding.outcome(text), "accepted") << text;
  Batch batch(1024);
  encoder.encode(decoding.message(), batch);
  EXPECT_EQ(batch.user_count(), 1U);
  return std::string(batch.message(0));
}

}  // namespace metlog
