// Text outputs cannot be forged, and lose nothing: each text of the corpus at every place where a
// line has text of others is one printable line, from which the text is read back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metlog/context.h"
#include "tests/support/escape_corpus.h"
#include "tests/support/journal_entry.h"
#include "tests/support/test_engine.h"
#include "tests/support/unescaped.h"

namespace metlog {
namespace {

Formatter pattern(std::string_view text) {
  FormatOptions options;
  options.utc = true;
  return Formatter::pattern(std::string(text), options);
}

/// What `call` makes of each text of the corpus, in a format: one printable line each.
template <class Call>
std::vector<std::pair<std::string, std::string>> lines_of(const Formatter& format,
                                                          const Call& call) {
  TestEngine test({.client = {.logger = "shop", .format = format}});
  const std::vector<std::string> corpus = escape_corpus();
  for (const std::string& text : corpus) {
    call(test.log(), text);
    step_until_quiet(test.engine());  // or the ring would be full
  }
  const std::vector<std::string> messages = test.settle();
  EXPECT_EQ(messages.size(), corpus.size()) << "one line a message";
  std::vector<std::pair<std::string, std::string>> lines;
  for (std::size_t i = 0; i < messages.size() && i < corpus.size(); ++i) {
    EXPECT_TRUE(is_printable_line(messages[i])) << messages[i];
    lines.emplace_back(corpus[i], messages[i]);
  }
  return lines;
}

/// The part of a line between what comes before it and after it.
std::string between(std::string_view line, std::string_view before, std::string_view after) {
  const std::size_t begin = line.find(before);
  EXPECT_NE(begin, std::string_view::npos) << before << " in " << line;
  if (begin == std::string_view::npos || !line.ends_with(after)) return "(not found)";
  const std::size_t from = begin + before.size();
  return std::string(line.substr(from, line.size() - after.size() - from));
}

/// Where a text is in the lines, and whether as a word.
struct Place {
  std::string_view before;
  std::string_view after;
  bool is_word;
};

template <class Call>
void expect_read_back(const Formatter& format, const Place& place, const Call& call) {
  for (const auto& [text, line] : lines_of(format, call)) {
    const std::string shown = between(line, place.before, place.after);
    EXPECT_EQ(place.is_word ? unescaped_word(shown) : unescaped(shown), text) << line;
  }
}

constexpr auto kMessage = [](Client& log, const std::string& text) {
  METLOG_INFO(log, "<{}>", text);
};
constexpr auto kField = [](Client& log, const std::string& text) {
  METLOG_INFO(log, "m", kv("k", text));
};
constexpr auto kFieldOfList = [](Client& log, const std::string& text) {
  log.metlog("t", {.fields = {{"k", text}}}, "m");
};
constexpr auto kFieldName = [](Client& log, const std::string& text) {
  log.metlog("t", {.fields = {{text, 1}}}, "m");
};
constexpr auto kLogger = [](Client& log, const std::string& text) {
  log.metlog("t", {.logger = text}, "m");
};
constexpr auto kType = [](Client& log, const std::string& text) {
  log.metlog(text, kNoCallOptions, "m");
};
constexpr auto kPayload = [](Client& log, const std::string& text) {
  log.metlog("t", kNoCallOptions, text);
};
constexpr auto kName = [](Client& log, const std::string& text) { log.incr(text, 7); };
constexpr auto kContext = [](Client& log, const std::string& text) {
  const ScopedContext context({{"k", text}});
  METLOG_INFO(log, "m");
};
/// As a filter's messages and those of other components are made.
constexpr auto kValue = [](Client& log, const std::string& text) {
  Message::Parts parts;
  parts.type = "oldstyle";
  parts.logger = "shop";
  parts.severity = 6;
  parts.payload = "<" + text + ">";
  parts.fields.set("k", text);
  log.send_message(Message(std::move(parts)));
};

TEST(EscapeCorpus, IsLarge) { EXPECT_GE(escape_corpus().size(), 200U); }

TEST(EscapeCorpus, IsReadBackFromText) {
  const Formatter text = MessageFormat::kText;
  expect_read_back(text, {"INFO   shop: <", ">", false}, kMessage);
  expect_read_back(text, {" k=", "", true}, kField);
  expect_read_back(text, {" k=", "", true}, kFieldOfList);
  expect_read_back(text, {"shop: t m ", "=1", true}, kFieldName);
  expect_read_back(text, {"shop: t <", ">", false}, [](Client& log, const std::string& value) {
    log.metlog("t", kNoCallOptions, "<" + value + ">");
  });
  expect_read_back(text, {"shop: ", " m", true}, kType);
  expect_read_back(text, {"shop: counter ", " 7", true}, kName);
  expect_read_back(text, {" k=", "", true}, kContext);
}

TEST(EscapeCorpus, IsReadBackFromAPattern) {
  expect_read_back(pattern("[%v]"), {"[<", ">]", false}, kMessage);
  expect_read_back(pattern("[%{payload}]"), {"[", "]", false}, kPayload);
  expect_read_back(pattern("[%{field:k}]"), {"[", "]", false}, kField);
  expect_read_back(pattern("[%{field:k}]"), {"[", "]", false}, kFieldOfList);
  expect_read_back(pattern("%{fields}"), {" k=", "", true}, kField);
  expect_read_back(pattern("%{fields}"), {" ", "=1", true}, kFieldName);
  expect_read_back(pattern("%{fields}"), {" k=", "", true}, kContext);
  expect_read_back(pattern("[%n]"), {"[", "]", false}, kLogger);
  expect_read_back(pattern("[%{type}]"), {"[", "]", false}, kType);
  expect_read_back(pattern("[%v]"), {"[counter ", " 7]", false}, kName);
  expect_read_back(pattern("[%v]"), {"[<", ">]", false}, kValue);
  expect_read_back(pattern("[%{field:k}]"), {"[", "]", false}, kValue);
  expect_read_back(pattern("%{fields}"), {" k=", "", true}, kValue);
}

TEST(EscapeCorpus, IsReadBackFromLogfmt) {
  const Formatter logfmt = MessageFormat::kLogfmt;
  expect_read_back(logfmt, {" msg=\"<", ">\"", false}, kMessage);
  expect_read_back(logfmt, {" k=", "", true}, kField);
  expect_read_back(logfmt, {" k=", "", true}, kFieldOfList);
  expect_read_back(logfmt, {" k=", "", true}, kContext);
  expect_read_back(logfmt, {" name=", " metric_value=7", true}, kName);
  for (const auto& [text, line] : lines_of(logfmt, kType)) {
    EXPECT_EQ(unescaped_word(between(line.substr(0, line.rfind(" thread=")), " type=", "")), text);
  }
  for (const auto& [text, line] : lines_of(logfmt, kLogger)) {
    EXPECT_EQ(unescaped_word(between(line.substr(0, line.rfind(" type=")), " logger=", "")), text);
  }
  for (const auto& [text, line] : lines_of(logfmt, kFieldName)) {
    EXPECT_THAT(between(line, " msg=\"m\" ", "=1"), testing::Not(testing::ContainsRegex("[ \"]")));
  }
}

/// The value of a parameter of structured data, without the escapes that RFC 5424 has.
std::string param_value(std::string_view written) {
  std::string value;
  for (std::size_t i = 0; i < written.size(); ++i) {
    if (written[i] == '\\' && i + 1 < written.size()) ++i;
    value += written[i];
  }
  return value;
}

template <class Call>
void expect_read_back_from_param(const Call& call) {
  for (const auto& [text, line] : lines_of(MessageFormat::kSyslog, call)) {
    EXPECT_EQ(unescaped(param_value(between(line, " k=\"", "\"] m"))), text) << line;
  }
}

TEST(EscapeCorpus, IsReadBackFromSyslog) {
  expect_read_back(MessageFormat::kSyslog, {"] <", ">", false}, kMessage);
  expect_read_back_from_param(kField);
  expect_read_back_from_param(kFieldOfList);
  expect_read_back_from_param(kContext);
  expect_read_back_from_param([](Client& log, const std::string& text) {
    Message::Parts parts;
    parts.payload = "m";
    parts.fields.set("k", text);
    log.send_message(Message(std::move(parts)));
  });
  FormatOptions options;
  options.syslog_form = SyslogForm::kRfc3164;
  const Formatter old(MessageFormat::kSyslog, options);
  expect_read_back(old, {"]: <", ">", false}, kMessage);
  expect_read_back(old, {"]: m k=", "", true}, kField);
  expect_read_back(old, {"]: m k=", "", true}, kContext);
  expect_read_back(old, {"]: counter ", " 7", false}, kName);
  expect_read_back(old, {"]: ", " m", false}, kType);
}

/// The journal's entries tell where a value ends, and keep line breaks and tabs.
TEST(EscapeCorpus, LetsNobodyForgeAFieldOfTheJournal) {
  TestEngine test({.client = {.logger = "shop", .format = MessageFormat::kJournal}});
  const std::vector<std::string> corpus = escape_corpus();
  for (const std::string& text : corpus) {
    METLOG_INFO(test.log(), "<{}>", text, kv("k", text));
    step_until_quiet(test.engine());
  }
  const std::vector<std::string> messages = test.settle();
  ASSERT_EQ(messages.size(), corpus.size());
  std::vector<std::string> keys_of_the_first;
  for (const std::string& message : messages) {
    const std::optional<JournalEntry> entry = read_journal_entry(message + "\n");
    ASSERT_TRUE(entry.has_value()) << message;
    std::vector<std::string> keys;
    for (const auto& [key, value] : *entry) {
      keys.push_back(key);
      std::string line = value;
      std::erase_if(line, [](char byte) { return byte == '\n' || byte == '\t' || byte == '\r'; });
      EXPECT_TRUE(is_printable_line(line)) << key << " of " << message;
    }
    if (keys_of_the_first.empty()) keys_of_the_first = keys;
    EXPECT_EQ(keys, keys_of_the_first) << message;
  }
}

/// The first string of a message in JSON under one of these pointers.
std::string string_of(const std::string& message, std::string_view pointer) {
  simdjson::dom::parser parser;
  std::string_view text;
  const auto document = parser.parse(simdjson::padded_string(message));
  if (document.at_pointer(pointer).get(text) != simdjson::SUCCESS) return "(none) " + message;
  return std::string(text);
}

/// Text as JSON has it: with U+FFFD for what is no UTF-8.
std::string as_json_has(std::string_view text) {
  std::string repaired;
  while (!text.empty()) {
    const Utf8Sequence sequence = first_utf8_sequence(text);
    repaired += sequence.is_valid ? text.substr(0, sequence.bytes) : "\xEF\xBF\xBD";
    text.remove_prefix(sequence.bytes);
  }
  return repaired;
}

TEST(EscapeCorpus, IsReadBackFromJsonButForInvalidBytes) {
  struct Format {
    MessageFormat format;
    std::string_view message;
    std::string_view field;
  };
  const std::string_view log = "/resourceLogs/0/scopeLogs/0/logRecords/0";
  const std::string body = std::string(log) + "/body/stringValue";
  const std::string value = std::string(log) + "/attributes/0/value/stringValue";
  for (const Format& each : {Format{MessageFormat::kJson, "/payload", "/fields/k"},
                             {MessageFormat::kEcs, "/message", "/labels/k"},
                             {MessageFormat::kGelf, "/short_message", "/_k"},
                             {MessageFormat::kOtel, body, value}}) {
    TestEngine test({.client = {.logger = "shop", .format = each.format}});
    const std::vector<std::string> corpus = escape_corpus();
    for (const std::string& text : corpus) {
      METLOG_INFO(test.log(), "<{}>", text, kv("k", text));
      step_until_quiet(test.engine());
    }
    const std::vector<std::string> messages = test.settle();
    ASSERT_EQ(messages.size(), corpus.size());
    for (std::size_t i = 0; i < corpus.size(); ++i) {
      EXPECT_EQ(string_of(messages[i], each.message), "<" + as_json_has(corpus[i]) + ">");
      EXPECT_EQ(string_of(messages[i], each.field), as_json_has(corpus[i]));
      for (const char byte : messages[i]) ASSERT_GE(static_cast<unsigned char>(byte), 0x20);
    }
  }
}

TEST(EscapeCorpus, InAnExceptionIsReadBack) {
  const auto call = [](Client& log, const std::string& text) {
    try {
      throw std::runtime_error("<" + text + ">");
    } catch (const std::exception&) {
      METLOG_EXCEPTION(log, "failed");
    }
  };
  for (const auto& [text, line] : lines_of(pattern("[%v]"), call)) {
    const std::string shown = between(line, "[failed\\nstd::runtime_error: ", "]");
    EXPECT_EQ(unescaped(shown), std::string(("<" + text + ">").c_str())) << line;
  }
}

TEST(EscapeCorpus, OfALiteralIsReadBack) {
  TestEngine test({.client = {.logger = "shop", .format = pattern("%v")}});
  METLOG_INFO(test.log(), "\\n{}\n\x1b\\", "\\");
  const std::vector<std::string> lines = test.settle();
  EXPECT_EQ(lines[0], R"(\\n\\\n\u001b\\)");
  EXPECT_EQ(unescaped(lines[0]), "\\n\\\n\x1b\\");
}

TEST(EscapeCorpus, IsNotCutWithinAnEscape) {
  TestEngine test({.client = {.logger = "shop", .format = pattern("%5!v|n%-6!v|")}});
  METLOG_INFO(test.log(), "abcd\\n");
  METLOG_INFO(test.log(), "a\x1b{}", "\n");
  METLOG_INFO(test.log(), "{}", "ab\xff");
  METLOG_INFO(test.log(), "{}", "\U000E0001");
  EXPECT_THAT(test.settle(), testing::ElementsAre(" abcd|nabcd\\\\|", "    a|na     |",
                                                  "   ab|nab\\xff|", "     |n      |"));
}

TEST(EscapeCorpus, InListsAndMapsIsReadBackAsJson) {
  TestEngine test({.client = {.logger = "shop", .format = pattern("%{field:k}")}});
  const std::vector<std::string> corpus = escape_corpus();
  for (const std::string& text : corpus) {
    METLOG_INFO(test.log(), "m", kv("k", std::vector<std::string>{text}));
    step_until_quiet(test.engine());
  }
  const std::vector<std::string> lines = test.settle();
  ASSERT_EQ(lines.size(), corpus.size());
  for (std::size_t i = 0; i < corpus.size(); ++i) {
    EXPECT_TRUE(is_printable_line(lines[i])) << lines[i];
    EXPECT_EQ(string_of(lines[i], "/0"), as_json_has(corpus[i]));
  }
}

}  // namespace
}  // namespace metlog
