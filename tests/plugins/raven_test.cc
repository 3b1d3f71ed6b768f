// Statements 208-210 and tests/golden/raven.json.

#include "metlog/raven.h"

#include <dlfcn.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <chrono>
#include <stdexcept>

#include "metlog/holder.h"
#include "metlog/internal/plugins/raven/packed_text.h"
#include "metlog/internal/plugins/raven/sentry_dsn.h"
#include "metlog/internal/plugins/raven/sentry_event.h"
#include "tests/plugins/plugin_world.h"
#include "tests/senders/captured_stderr.h"

namespace metlog {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;
using testing::UnorderedElementsAreArray;

constexpr const char* kProvider = "metlog_raven.raven_plugin:config_plugin";
constexpr const char* kDsn = "udp://username:password@somehost.com:9000/2";

std::string from_base64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  unsigned bits = 0;
  int count = 0;
  for (const char character : text) {
    const std::size_t number = kAlphabet.find(character);
    if (number == std::string_view::npos) break;  // the padding
    bits = (bits << 6 | static_cast<unsigned>(number)) & 0xffffff;
    count += 6;
    if (count >= 8) bytes += static_cast<char>(bits >> (count -= 8) & 0xff);
  }
  return bytes;
}

/// What zlib itself reads from a stream.
std::string inflated(const std::string& stream) {
  using Uncompress =
      int (*)(char* to, unsigned long* to_size, const char* from, unsigned long from_size);
  const auto uncompress =
      reinterpret_cast<Uncompress>(::dlsym(::dlopen("libz.so.1", RTLD_NOW), "uncompress"));
  std::string text(1 << 20, '\0');
  unsigned long size = text.size();
  EXPECT_EQ(uncompress(text.data(), &size, stream.data(), stream.size()), 0);
  text.resize(size);
  return text;
}

ValueMap event_in(const ValueMap& message) {
  const std::string stream = from_base64(text_in(message, "payload"));
  EXPECT_THAT(stream, StartsWith("\x78\x9c"));
  return *parse_json(inflated(stream)).value().as_map();
}

/// Calls the method as the recorded program did.
absl::Status call(Client& client, const std::string& name) {
  const auto raven = [&](const Arguments& arguments) {
    return client.call("raven", arguments).status();
  };
  if (name == "no_exception") return raven({});
  if (name == "explicit_payload") return raven({{}, {{"payload", "some payload data"}}});
  if (name == "explicit_payload_override_fields") {
    return raven({{}, {{"payload", "p"}, {"msg", "m"}, {"dsn", "zzz"}, {"epoch_timestamp", 5}}});
  }
  if (name == "payload_none_keyword") return raven({{}, {{"payload", nullptr}}});
  if (name == "call_logger_severity") {
    return raven({{}, {{"payload", "p"}, {"logger", "X"}, {"severity", 7}}});
  }
  if (name == "exc_info_false") return raven({{"m"}, {{"exc_info", false}}});
  if (name == "no_config") return raven({{}, {{"payload", "p"}}});
  if (name != "exception") return absl::InternalError("a case that is not known");
  try {
    throw std::domain_error("integer division or modulo by zero");
  } catch (...) {
    return raven({{"some message"}, {}});
  }
}

void compare_fields(const ValueMap& sent, const ValueMap& recorded) {
  EXPECT_EQ(sent.size(), recorded.size());
  for (const ValueEntry& entry : recorded) {
    if (entry.value == Value(1358512496.789)) {  // the frozen clock
      EXPECT_NE(at(sent, entry.key).as_real(), nullptr);
    } else {
      EXPECT_EQ(at(sent, entry.key), entry.value) << entry.key;
    }
  }
}

void compare_event(const ValueMap& event, const ValueMap& recorded) {
  std::vector<std::string> keys;
  for (const ValueEntry& entry : event) keys.push_back(entry.key);
  std::vector<std::string> wanted;
  for (const Value& key : *at(recorded, "payload_decoded_keys").as_list()) {
    wanted.push_back(*key.as_text());
  }
  if (at(map_in(recorded, "payload_decoded_selected"), "culprit").is_null()) {
    EXPECT_TRUE(at(event, "culprit").is_null());
    wanted.emplace_back("culprit");  // null here, absent there
  }
  EXPECT_THAT(keys, UnorderedElementsAreArray(wanted));
  for (const char* const key : {"extra", "time_spent", "tags", "level", "project"}) {
    EXPECT_EQ(at(event, key), at(map_in(recorded, "payload_decoded_selected"), key)) << key;
  }
  const ValueMap& exception = map_in(event, "sentry.interfaces.Exception");
  EXPECT_EQ(at(exception, "value"), at(map_in(recorded, "payload_exception"), "value"));
  EXPECT_EQ(text_in(event, "message"),
            text_in(exception, "type") + ": " + text_in(exception, "value"));
}

TEST(Raven, SendsTheRecordedMessages) {
  int compared = 0;
  for (const ValueMap& one : cases_of(golden("raven.json"))) {
    const std::string name = text_in(one, "name");
    SCOPED_TRACE(name);
    PluginWorld world;
    const absl::Status added = world.add(kProvider, map_in(one, "plugin_config"));
    ++compared;
    if (one.contains("error")) {
      EXPECT_EQ(added.code(), absl::StatusCode::kInvalidArgument);
      EXPECT_THAT(std::string(added.message()),
                  HasSubstr(text_in(map_in(one, "error"), "message")));
      continue;
    }
    ASSERT_TRUE(added.ok()) << added;
    const absl::Status called = call(world.client(), name);
    EXPECT_TRUE(called.ok()) << called;
    const ValueList& recorded = *at(one, "messages").as_list();
    const std::vector<ValueMap> sent = world.messages(recorded.size());
    for (std::size_t i = 0; i < sent.size() && i < recorded.size(); ++i) {
      const ValueMap& wanted = *recorded[i].as_map();
      for (const char* const key : {"type", "logger", "severity"}) {
        EXPECT_EQ(at(sent[i], key), at(wanted, key)) << key;
      }
      compare_fields(map_in(sent[i], "fields"), map_in(wanted, "fields"));
      if (wanted.contains("payload_decoded_keys")) {
        compare_event(event_in(sent[i]), wanted);
      } else {
        EXPECT_EQ(at(sent[i], "payload"), at(wanted, "payload"));
      }
    }
  }
  EXPECT_EQ(compared, 10);
}

TEST(Raven, PacksAsTheOriginal) {
  const ValueMap file = golden("raven.json");
  EXPECT_EQ(packed_text("{\"a\": 1, \"b\": \"\\u00e9\"}"),
            text_in(map_in(file, "encode_example"), "payload"));
  for (const std::size_t size : {0U, 1U, 65534U, 65535U, 65536U, 131070U, 200000U}) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i) text += static_cast<char>('a' + i * i % 23);
    EXPECT_EQ(inflated(stored_stream(text)), text) << size;
    EXPECT_EQ(inflated(from_base64(packed_text(text))), text) << size;
    EXPECT_THAT(packed_text(text), Not(HasSubstr("\n")));
  }
}

TEST(Raven, ReadsDsns) {
  const ValueMap file = golden("raven.json");
  for (const Value& one : *at(file, "dsn_parsing_by_the_client_library").as_list()) {
    const std::string text = text_in(*one.as_map(), "dsn");
    EXPECT_EQ(parse_sentry_dsn(text)->project, text_in(*one.as_map(), "project")) << text;
  }
  for (const char* const good : {"https://public@o1.ingest.example/42", "http://a:b@[::1]:9000/x",
                                 "threaded+http://a:b@h/p", "async+udp://a:b@h:1/p"}) {
    EXPECT_TRUE(parse_sentry_dsn(good).ok()) << good;
  }
  for (const char* const bad :
       {"", "h", "http://", "http://host/1", "http://a:b@/1", "http://a:b@h", "http://a:b@h/",
        "http://:b@h/1", "http://a:@h/1", "http://@h/1", "ftp://a:b@h/1", "+http://a:b@h/1",
        "http://a:b@h:0/1", "http://a:b@h:x/1", "http://a:b@h:70000/1"}) {
    const absl::Status status = parse_sentry_dsn(bad).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << bad;
    EXPECT_THAT(std::string(status.message()), StartsWith("Invalid Sentry DSN: '")) << bad;
  }
  EXPECT_THAT(std::string(parse_sentry_dsn("http://public:hush@h").status().message()),
              HasSubstr("'http://public:***@h'"));
}

// Exported, so that its name is found; not inlined, so that it has a frame.
[[gnu::noinline]] void fail_inside() {
  try {
    throw std::out_of_range("page 7");
  } catch (...) {
    std::throw_with_nested(std::runtime_error("cannot save"));
  }
}

TEST(Raven, HasATypedFormWithTheStack) {
  PluginWorld world;
  unsigned line = 0;
  try {
    fail_inside();
  } catch (const std::exception& error) {
    line = __LINE__ + 1;
    const absl::Status sent = send_raven(
        world.client(),
        {.msg = "m", .logger = "shop", .severity = 2, .dsn = kDsn, .extra = {{"order", 4711}}},
        error);
    EXPECT_TRUE(sent.ok()) << sent;
  }
  const ValueMap message = world.messages(1).at(0);
  EXPECT_EQ(text_in(message, "logger"), "shop");
  EXPECT_EQ(at(message, "severity"), Value(2));
  EXPECT_EQ(at(map_in(message, "fields"), "order"), Value(4711));
  EXPECT_EQ(text_in(map_in(message, "fields"), "dsn"), kDsn);
  const ValueMap event = event_in(message);
  EXPECT_EQ(text_in(event, "message"), "std::runtime_error: cannot save");
  EXPECT_EQ(text_in(event, "project"), "2");
  EXPECT_EQ(text_in(event, "event_id").size(), 32U);
  EXPECT_EQ(text_in(event, "checksum").size(), 32U);
  const ValueMap& extra = map_in(event, "extra");
  EXPECT_EQ(at(extra, "caused_by"), Value(ValueList{"std::out_of_range: page 7"}));
  EXPECT_EQ(at(extra, "order"), Value(4711));
  EXPECT_EQ(at(extra, "severity"), Value(2));
  const ValueList& frames = *at(map_in(event, "sentry.interfaces.Stacktrace"), "frames").as_list();
  ASSERT_GE(frames.size(), 3U);
  const ValueMap& innermost = *frames.back().as_map();
  EXPECT_EQ(text_in(innermost, "filename"), "raven_test.cc");
  EXPECT_NEAR(static_cast<double>(*at(innermost, "lineno").as_integer()), line, 3);
  EXPECT_THAT(text_in(innermost, "module"), "plugins_test") << "no frame of metlog's own";
  EXPECT_THAT(text_in(event, "culprit"), StartsWith("plugins_test in "));
  EXPECT_TRUE(at(*frames.front().as_map(), "lineno").is_null());
}

TEST(Raven, SaysNothingWithoutAnException) {
  PluginWorld world;
  EXPECT_TRUE(send_raven(world.client()).ok());
  EXPECT_EQ(send_raven(world.client(), {.dsn = "h"}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(world.messages(0), IsEmpty());
}

TEST(Raven, NamesTheArgumentAtFault) {
  PluginWorld world;
  ASSERT_TRUE(world.add(kProvider, {{"severity", 5}, {"logger", "sentry"}}).ok());
  const auto error = [&](const Arguments& arguments) {
    const absl::StatusOr<Value> answer = world.client().call("raven", arguments);
    return answer.ok() ? "(no error)" : std::string(answer.status().message());
  };
  EXPECT_THAT(error({{"m", true, "l", 3, "p"}, {}}), HasSubstr("5 arguments are given"));
  EXPECT_THAT(error({{"m", "yes"}, {}}), HasSubstr("exc_info = \"yes\""));
  EXPECT_THAT(error({{}, {{"severity", "high"}}}), HasSubstr("severity = \"high\""));
  EXPECT_THAT(error({{}, {{"logger", 5}}}), HasSubstr("logger = 5"));
  EXPECT_FALSE(make_plugin(kProvider, {{"severity", 9}}).ok());
  EXPECT_FALSE(make_plugin(kProvider, {{"dsn", 9}}).ok());
  EXPECT_EQ(error({{}, {{"payload", 7}}}), "(no error)");
  const ValueMap message = world.messages(1).at(0);
  EXPECT_EQ(text_in(message, "logger"), "sentry");
  EXPECT_EQ(at(message, "severity"), Value(5));
  EXPECT_EQ(at(message, "payload"), Value(7));
}

TEST(Raven, FitsIntoAMessageHoweverDeepTheStack) {
  SentryEvent parts{.error = Thrown{"E", "what", nullptr}};
  unsigned seed = 1;
  for (int i = 0; i < 48; ++i) {
    StackFrame frame{"", "/usr/bin/shop", 0};
    for (int j = 0; j < 2000; ++j) {
      frame.function += static_cast<char>('!' + (seed = seed * 1103515245 + 12345) / 65536 % 90);
    }
    parts.frames.push_back(frame);
  }
  const std::string innermost = parts.frames.back().function;
  const std::string packed = packed_event(parts);
  EXPECT_LE(packed.size(), 12U * 1024);
  const ValueMap event = *parse_json(inflated(from_base64(packed))).value().as_map();
  const ValueList& frames = *at(map_in(event, "sentry.interfaces.Stacktrace"), "frames").as_list();
  ASSERT_FALSE(frames.empty());
  EXPECT_EQ(text_in(*frames.back().as_map(), "function"), innermost.substr(0, 512));
}

TEST(CaptureStack, ReportsAndThrowsAgain) {
  PluginWorld world;
  ASSERT_TRUE(world.add(kProvider, {{"dsn", kDsn}}).ok());
  const auto halve = capture_stack(
      [](int number) {
        if (number % 2 != 0) throw std::invalid_argument("odd");
        return number / 2;
      },
      {.severity = 2, .fields = {{"part", "till"}}, .client = &world.client()});
  EXPECT_EQ(halve(4), 2);
  EXPECT_THROW(halve(3), std::invalid_argument);
  EXPECT_THROW(halve(5), std::invalid_argument);
  const std::vector<ValueMap> sent = world.messages(2);
  EXPECT_EQ(at(sent[0], "severity"), Value(2));
  EXPECT_EQ(at(sent[1], "severity"), Value(2)) << "at every call, not only the first";
  EXPECT_EQ(text_in(map_in(sent[0], "fields"), "dsn"), kDsn);
  EXPECT_EQ(text_in(map_in(sent[0], "fields"), "part"), "till");
  EXPECT_EQ(text_in(event_in(sent[0]), "message"), "std::invalid_argument: odd");
}

TEST(CaptureStack, NeedsNoPlugin) {
  PluginWorld world;
  const auto fail = capture_stack([] { throw 7; }, {.client = &world.client()});
  EXPECT_THROW(fail(), int);
  const ValueMap message = world.messages(1).at(0);
  EXPECT_EQ(at(message, "severity"), Value(3));
  EXPECT_TRUE(at(map_in(message, "fields"), "dsn").is_null());
  EXPECT_EQ(text_in(event_in(message), "message"), "int");
}

TEST(CaptureStack, ThrowsTheFirstExceptionWhateverTheMethodDoes) {
  PluginWorld world;
  const CapturedStderr said;
  ASSERT_TRUE(world.client()
                  .add_method({"raven",
                               [](Client&, const Arguments&) -> absl::StatusOr<Value> {
                                 throw std::runtime_error("another");
                               }})
                  .ok());
  const auto fail = capture_stack([] { throw 7; }, {.client = &world.client()});
  EXPECT_THROW(fail(), int);
  EXPECT_THAT(said.text(), HasSubstr("capture_stack() cannot report an exception"));
  EXPECT_THAT(world.messages(0), IsEmpty());
}

}  // namespace
}  // namespace metlog
