// `?id=1`: each message has the identity that a recovery and batched frames know it by.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "metlog/internal/flush/destination_url.h"
#include "metlog/internal/flush/message_id.h"
#include "tests/senders/temp_dir.h"
#include "tests/support/messages.h"
#include "tests/support/test_engine.h"

namespace metlog {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::StartsWith;

std::string with_id(std::string text) {
  StreamId stream;
  stream.session[15] = 0xab;
  stream.number = 3;
  std::vector<char> out(text.begin(), text.end());
  out.resize(text.size() + kMaxMessageIdBytes);
  const char* const end =
      add_message_id(out.data(), out.data() + text.size(), stream, 18446744073709551615U);
  return {out.data(), static_cast<std::size_t>(end - out.data())};
}

TEST(MessageId, IsTheLastOfAMessageOfAnyFormat) {
  const std::string id = "000000000000000000000000000000ab-3-18446744073709551615";
  EXPECT_EQ(with_id(R"({"a":{}})"), R"({"a":{},"metlog_id":")" + id + "\"}");
  EXPECT_EQ(with_id(R"({"_a":1,"version":"1.1"})"),
            R"({"_a":1,"version":"1.1","_metlog_id":")" + id + "\"}");
  EXPECT_EQ(with_id("{}"), "{\"metlog_id\":\"" + id + "\"}");
  EXPECT_EQ(with_id("{\n    \"a\": 1\n}"),
            "{\n    \"a\": 1,\n    \"metlog_id\": \"" + id + "\"\n}");
  EXPECT_EQ(with_id("a line"), "a line metlog_id=" + id);
  EXPECT_EQ(with_id(""), " metlog_id=" + id);
  EXPECT_LE(with_id("").size(), kMaxMessageIdBytes);
}

TEST(MessageId, IsAnOptionOfEveryUrl) {
  Url url = *parse_url("file:x?id=1&truncate=1");
  EXPECT_TRUE(*take_ids(url, false));
  EXPECT_THAT(url.query, SizeIs(1));
  EXPECT_FALSE(*take_ids(url, false));
  EXPECT_TRUE(*take_ids(url, true));
  url = *parse_url("tcp://h:1?id=0");
  EXPECT_FALSE(*take_ids(url, true));
  EXPECT_THAT(url.query, IsEmpty());
  url = *parse_url("udp://h:1?id=yes");
  EXPECT_THAT(std::string(take_ids(url, false).status().message()), HasSubstr("id"));
}

std::vector<std::string> lines_of(const std::string& path) {
  std::vector<std::string> lines;
  std::istringstream text(content_of(path));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

TEST(MessageId, CountsTheMessagesOfAStream) {
  TestEngine test;
  const TempDir files;
  const std::string json = files.file("json");
  const std::string plain = files.file("text");
  Client first = *test.engine().open("file:" + json + "?id=1", {.logger = "shop"});
  Client second = *test.engine().open("file:" + plain + "?id=1&format=text", {.logger = "shop"});
  Client without = *test.engine().open("file:" + files.file("off") + "?id=0");
  for (int i = 0; i < 3; ++i) {
    METLOG_INFO(first, "order {}", i);
    METLOG_EVENT(second, "shipped", kv("order", i));
    METLOG_INFO(without, "order {}", i);
    step_until_quiet(test.engine());
  }
  for (Client* const client : {&first, &second, &without}) {
    EXPECT_EQ(client->close(std::chrono::seconds(10)).sent, 3U);
  }
  ASSERT_THAT(lines_of(json), SizeIs(3));
  ASSERT_THAT(lines_of(plain), SizeIs(3));
  const std::string beginning = R"(,"metlog_id":")";
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string line = lines_of(json)[i];
    EXPECT_TRUE(is_same_json(line, line)) << line;
    const std::string id = line.substr(line.find(beginning) + beginning.size());
    EXPECT_EQ(id.find('-'), 32U) << line;
    EXPECT_THAT(line, EndsWith("-" + std::to_string(i) + "\"}"));
    EXPECT_THAT(lines_of(plain)[i], HasSubstr("order=" + std::to_string(i) + " metlog_id="));
    EXPECT_THAT(lines_of(plain)[i], EndsWith("-" + std::to_string(i)));
  }
  EXPECT_THAT(content_of(files.file("off")), testing::Not(HasSubstr("metlog_id")));
}

TEST(MessageId, IsAFieldOfGelfAsItsOthersAre) {
  TestEngine test;
  const TempDir files;
  Client gelf = *test.engine().open("file:" + files.file("gelf") + "?id=1&format=gelf");
  METLOG_INFO(gelf, "order", kv("metlog_id", 7));
  step_until_quiet(test.engine());
  EXPECT_EQ(gelf.close(std::chrono::seconds(10)).sent, 1U);
  const std::string line = lines_of(files.file("gelf")).at(0);
  EXPECT_THAT(line, HasSubstr(R"("_metlog_id_":7,"version":"1.1","_metlog_id":")"));
  EXPECT_TRUE(is_same_json(line, line)) << line;
}

TEST(MessageId, IsThereWhenFiltersAndFormattersHaveMadeTheMessage) {
  TestEngine test;
  const TempDir files;
  ClientOptions options{.logger = "shop"};
  options.message_ids = true;
  options.format = [](const Message& message, std::string_view) {
    return "<" + *message.payload().as_text() + ">";
  };
  Client own = *test.engine().open("file:" + files.file("own"), options);
  Client indented = *test.engine().open("file:" + files.file("indented") + "?format=indented&id=1");
  METLOG_INFO(own, "mine");
  METLOG_INFO(indented, "theirs");
  step_until_quiet(test.engine());
  EXPECT_EQ(own.close(std::chrono::seconds(10)).sent, 1U);
  EXPECT_EQ(indented.close(std::chrono::seconds(10)).sent, 1U);
  EXPECT_THAT(content_of(files.file("own")), StartsWith("<mine> metlog_id="));
  const std::string text = content_of(files.file("indented"));
  EXPECT_THAT(text, HasSubstr(",\n    \"metlog_id\": \""));
  EXPECT_THAT(text, EndsWith("-0\"\n}\n"));
  EXPECT_TRUE(is_same_json(text, text)) << text;
}

}  // namespace
}  // namespace metlog
