#include "tools/router/http/body_encoder.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <array>
#include <random>
#include <string>
#include <vector>

namespace metlog {
namespace {

std::string body_of(BodyEncoder& encoder, const std::vector<std::string>& messages) {
  std::string body;
  encoder.open(body);
  for (const std::string& message : messages) {
    EXPECT_TRUE(encoder.add({.message = message, .stream = {}, .sequence = 0}, body));
  }
  encoder.close(body);
  return body;
}

/// What a body is when it is unpacked; empty when it is none.
std::string unzip(const std::string& body) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string text(10'000'000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
  stream.avail_in = static_cast<uInt>(body.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  EXPECT_EQ(stream.avail_in, 0U);
  text.resize(stream.total_out);
  inflateEnd(&stream);
  return text;
}

TEST(BodyEncoder, WritesLines) {
  LinesBody lines("application/x-ndjson");
  EXPECT_EQ(body_of(lines, {"{}", R"({"a":1})"}), "{}\n{\"a\":1}\n");
  EXPECT_EQ(body_of(lines, {""}), "\n");
  EXPECT_EQ(lines.content_type(), "application/x-ndjson");
}

TEST(BodyEncoder, WritesAnArray) {
  JsonArrayBody array;
  EXPECT_EQ(body_of(array, {}), "[]");
  EXPECT_EQ(body_of(array, {"{}"}), "[{}]");
  EXPECT_EQ(body_of(array, {"{}", "[]", "1"}), "[{},[],1]");
  EXPECT_EQ(body_of(array, {"{}"}), "[{}]");
}

TEST(Gzip, RoundTripsAtEveryLevelAndIsUsedAgain) {
  std::minstd_rand random(7);
  for (int level = 1; level <= 9; ++level) {
    Gzip gzip(level);
    for (const std::size_t size : std::array<std::size_t, 4>{0, 1, 100, 300'000}) {
      std::string text(size, 'x');
      for (char& c : text) c = static_cast<char>(random() % 16 + 'a');
      std::string body = "what was there before";
      gzip.compress(text, body);
      EXPECT_EQ(unzip(body), text) << level << " " << size;
    }
  }
}

TEST(Gzip, TakesWhatCannotBeCompressed) {
  std::minstd_rand random(7);
  std::string text(1'000'000, 'x');
  for (char& c : text) c = static_cast<char>(random());
  Gzip gzip(6);
  std::string body;
  gzip.compress(text, body);
  EXPECT_EQ(unzip(body), text);
}

}  // namespace
}  // namespace metlog
