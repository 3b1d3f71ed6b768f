// Frames of every version that was ever sent stay readable: tests/golden/wire has them, with the
// messages that they are. A new version gets new files, by record_frames.cc; old ones never change.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/base/random_id.h"
#include "tests/router/decoding.h"
#include "tools/router/input/frame_reader.h"

namespace metlog {
namespace {

namespace dom = simdjson::dom;
namespace fs = std::filesystem;

std::string bytes_of(std::string_view hex) {
  std::string bytes;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16));
  }
  return bytes;
}

std::string frame_of(dom::element one) {
  std::string_view text;
  if (one["text"].get(text) == simdjson::SUCCESS) return std::string(text);
  return bytes_of(one["hex"]);
}

/// The value in one form: what is equal as JSON is equal as text.
std::string form_of(std::string_view json) {
  if (json.empty()) return "absent";
  dom::parser parser;
  return std::string(simdjson::minify(parser.parse(json).value()));
}

/// The members of a message's `fields` by key, as the router reads them.
std::map<std::string, std::string> fields_of(const DecodedMessage& message) {
  std::map<std::string, std::string> fields;
  JsonMember member;
  for (MessageFields all(message); all.next(member);) {
    std::string key;
    append_unescaped(key, member.key);
    EXPECT_EQ(message.field(key).json, member.value) << key;
    EXPECT_TRUE(fields.emplace(key, form_of(member.value)).second) << key;
  }
  return fields;
}

void expect_message(const DecodedMessage& message, dom::element wanted) {
  EXPECT_EQ(message.type, std::string_view(wanted["type"]));
  EXPECT_EQ(message.timestamp, std::string_view(wanted["timestamp"]));
  EXPECT_EQ(message.logger, std::string_view(wanted["logger"]));
  EXPECT_EQ(message.severity, std::int64_t(wanted["severity"]));
  EXPECT_EQ(message.env_version, std::string_view(wanted["env_version"]));
  EXPECT_EQ(message.pid, std::int64_t(wanted["metlog_pid"]));
  EXPECT_EQ(message.hostname, std::string_view(wanted["metlog_hostname"]));
  EXPECT_EQ(form_of(message.payload().json), std::string(simdjson::minify(wanted["payload"])));
  std::map<std::string, std::string> fields;
  for (const dom::key_value_pair member : dom::object(wanted["fields"])) {
    fields[std::string(member.key)] = simdjson::minify(member.value);
  }
  EXPECT_EQ(fields_of(message), fields);
  EXPECT_EQ(form_of(message.raw), std::string(simdjson::minify(wanted))) << "what is passed on";
}

/// The reason for which the router rejects a frame or a message; empty for none.
std::string refusal_of(dom::element one) {
  std::string_view reason;
  return one["refused"].get(reason) == simdjson::SUCCESS ? std::string(reason) : std::string();
}

/// The name of the reason for which the reader rejected its only frame.
std::string damage_of(const FrameReader& reader) {
  for (std::size_t i = 0; i < kFrameDamageCount; ++i) {
    if (reader.counts().damaged[i] != 0) return std::string(name_of(static_cast<FrameDamage>(i)));
  }
  return "";
}

void expect_frame(dom::element one) {
  const std::string frame = frame_of(one);
  const auto padded = std::make_unique<char[]>(frame.size() + kFramePadding);
  frame.copy(padded.get(), frame.size());
  const dom::array wanted = one["messages"];
  const DecoderLimits limits;
  FrameReader reader(limits.message_bytes);
  Decoding decoding(limits);
  std::size_t count = 0;
  reader.read({{padded.get(), frame.size()}, frame.size()}, [&](const MessageBytes& bytes) {
    ASSERT_LT(count, wanted.size());
    const dom::element message = wanted.at(count++);
    const std::string refusal = refusal_of(message);
    ASSERT_EQ(decoding.outcome(bytes.text), refusal.empty() ? "accepted" : refusal);
    if (refusal.empty()) expect_message(decoding.message(), message);
  });
  EXPECT_EQ(count, wanted.size());
  EXPECT_EQ(damage_of(reader), refusal_of(one));
  FrameError error{};
  const std::optional<ReadFrame> whole = read_frame(frame, error);
  if (!is_batched_frame(frame) || !whole) return;
  EXPECT_EQ(id_text(whole->header.session), std::string_view(one["session"]));
  EXPECT_EQ(whole->header.stream, std::uint64_t(one["stream"]));
  EXPECT_EQ(whole->header.sequence, std::uint64_t(one["sequence"]));
}

/// The files, and how many cases each has: fewer would be a loss that no other test sees.
const std::map<std::string, std::size_t> kFiles = {{"v1-client.json", 24}, {"v1-others.json", 39}};

TEST(GoldenFrames, AreReadAsTheMessagesThatTheyWere) {
  std::map<std::string, std::size_t> files;
  for (const auto& entry : fs::directory_iterator(METLOG_GOLDEN_DIR "/wire")) {
    if (entry.path().extension() != ".json") continue;
    dom::parser parser;
    const dom::element golden = parser.load(entry.path().string());
    const dom::array cases = golden["cases"];
    for (const dom::element one : cases) {
      const std::string_view name = one["name"];
      SCOPED_TRACE(entry.path().filename().string() + ": " + std::string(name));
      expect_frame(one);
    }
    files[entry.path().filename().string()] = cases.size();
  }
  EXPECT_EQ(files, kFiles);
}

}  // namespace
}  // namespace metlog
