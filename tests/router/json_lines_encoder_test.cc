#include "tools/router/output/message_encoder.h"

#include <gtest/gtest.h>

#include "tests/router/encoding.h"
#include "tests/router/envelope.h"

namespace metlog {
namespace {

TEST(JsonLinesEncoder, PassesTheTextThrough) {
  JsonLinesEncoder encoder;
  const std::string text = envelope({{"payload", R"("line\nbreak \u00e9")"}});
  EXPECT_EQ(encoded(encoder, text), text);
}

TEST(JsonLinesEncoder, MakesOneLineOfAMessageWithLineBreaksAsBlanks) {
  JsonLinesEncoder encoder;
  const std::string text = envelope({{"fields", "{\n\"a\":\r\n[1,\n\n2]\r}"}});
  EXPECT_EQ(encoded(encoder, text + "\n"), envelope({{"fields", "{ \"a\":  [1,  2] }"}}));
}

}  // namespace
}  // namespace metlog
