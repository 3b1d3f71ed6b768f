#include "metlog/internal/text/json_text.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <array>
#include <bitset>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/text/escaped_copy.h"

namespace metlog {
namespace {

using namespace std::string_literals;

const std::string kReplacement = "\xEF\xBF\xBD";

/// Escapes the text from the end of a buffer, after `offset` bytes, into a buffer of exactly the
/// required room. AddressSanitizer sees one byte too many in both.
std::string escaped_at(std::size_t offset, std::string_view text) {
  const auto in = std::make_unique<char[]>(offset + text.size());
  append_plain_text(in.get() + offset, text);
  const auto out = std::make_unique<char[]>(kJsonTextGrowth * text.size());
  char* const end = append_json_text(out.get(), {in.get() + offset, text.size()});
  return {out.get(), end};
}

std::string escaped(std::string_view text) { return escaped_at(0, text); }

std::string quote(const std::string& text) {
  std::string json(1, '"');
  json += text;
  json += '"';
  return json;
}

/// What simdjson reads out of the text as we write it.
std::string read_back(std::string_view text) {
  simdjson::dom::parser parser;
  const simdjson::padded_string json(quote(escaped(text)));
  return std::string(std::string_view(parser.parse(json)));
}

std::string one_byte(unsigned value) { return {static_cast<char>(value)}; }

/// What one byte alone becomes, said a second time and slowly.
std::string expected_of(unsigned byte) {
  if (byte >= 0x80) return kReplacement;
  switch (byte) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      break;
  }
  if (byte >= 0x20) return one_byte(byte);
  std::array<char, 8> code{};
  std::snprintf(code.data(), code.size(), "\\u%04x", byte);
  return code.data();
}

TEST(JsonText, EscapesEverySingleByte) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    EXPECT_EQ(escaped(one_byte(byte)), expected_of(byte)) << byte;
  }
}

TEST(JsonText, EscapesEveryByteAtEveryPlaceOfABlock) {
  const std::string plain(40, 'x');
  for (unsigned byte = 0; byte < 256; ++byte) {
    for (std::size_t at = 0; at <= plain.size(); ++at) {
      const std::string before = plain.substr(0, at);
      const std::string after = plain.substr(at);
      EXPECT_EQ(escaped(before + one_byte(byte) + after), before + expected_of(byte) + after);
    }
  }
}

TEST(JsonText, LeavesSlashDeleteAndValidUtf8Alone) {
  const std::string text =
      "a/b \x7F \u00e9 \u0436 \u20ac \u2028 \uD7FF \uE000 \uFFFF \U00010000 \U0010FFFF";
  EXPECT_EQ(escaped(text), text);
}

TEST(JsonText, HoldsAtEveryAlignmentAndLength) {
  for (std::size_t offset = 0; offset < 32; ++offset) {
    for (std::size_t length = 0; length <= 100; ++length) {
      std::string text;
      for (std::size_t i = 0; i < length; ++i) text += static_cast<char>('a' + i % 26);
      ASSERT_EQ(escaped_at(offset, text), text);
      for (std::size_t at = 0; at < length; ++at) {
        std::string quoted = text;
        quoted[at] = '"';
        ASSERT_EQ(escaped_at(offset, quoted), text.substr(0, at) + "\\\"" + text.substr(at + 1));
      }
    }
  }
}

TEST(JsonText, FitsTheWorstTextIntoTheRoomItAsksFor) {
  for (std::size_t length = 0; length <= 100; ++length) {
    EXPECT_EQ(escaped(std::string(length, '\x01')).size(), kJsonTextGrowth * length);
    EXPECT_EQ(escaped(std::string(length, '\xFF')).size(), kReplacement.size() * length);
  }
}

struct BrokenCase {
  std::string text;
  std::size_t replacements;  // their number, before the text after the bar
};

TEST(JsonText, ReplacesEachMaximalSubpartOnce) {
  const std::vector<BrokenCase> cases = {
      {"\x80", 1},
      {"\xBF\xBF", 2},
      {"\xC0\x80", 2},
      {"\xC1\xBF", 2},
      {"\xE0\x80\x80", 3},
      {"\xE0\x9F\xBF", 3},
      {"\xF0\x80\x80\x80", 4},
      {"\xF0\x8F\xBF\xBF", 4},
      {"\xED\xA0\x80", 3},
      {"\xED\xBF\xBF", 3},
      {"\xF4\x90\x80\x80", 4},
      {"\xF5\x80\x80\x80", 4},
      {"\xFF", 1},
      {"\xC2", 1},
      {"\xE1\x80", 1},
      {"\xF1\x80\x80", 1},
      {"\xF1\x80", 1},
      {"\xE0\xA0", 1},
      {"\xF4\x8F\xBF", 1},
      {"\xE1\x80\xE2\xF0\x91\x92\xF1\xBF", 4},
  };
  for (const BrokenCase& broken : cases) {
    std::string expected;
    for (std::size_t i = 0; i < broken.replacements; ++i) expected += kReplacement;
    EXPECT_EQ(escaped(broken.text), expected);
    EXPECT_EQ(escaped("a" + broken.text + "|\u20ac"), "a" + expected + "|\u20ac");
  }
}

TEST(JsonText, ReplacesACharacterCutOffAtAnyByteOnce) {
  for (const std::string& whole : {"\u00e9"s, "\u20ac"s, "\uD7FF"s, "\U00010000"s, "\U0010FFFF"s}) {
    for (std::size_t kept = 1; kept < whole.size(); ++kept) {
      EXPECT_EQ(escaped(whole.substr(0, kept)), kReplacement);
      EXPECT_EQ(escaped(whole.substr(0, kept) + "\""), kReplacement + "\\\"");
      EXPECT_EQ(escaped(whole.substr(0, kept) + whole), kReplacement + whole);
    }
  }
}

/// The first two bytes of every character that has three or four, found by encoding them all.
std::bitset<65'536> beginnings_of_long_characters() {
  std::bitset<65'536> beginnings;
  for (unsigned code = 0x800; code <= 0x10FFFF; ++code) {
    if (code >= 0xD800 && code <= 0xDFFF) continue;
    const unsigned first = code < 0x10000 ? 0xE0 | code >> 12 : 0xF0 | code >> 18;
    const unsigned second = 0x80 | (code >> (code < 0x10000 ? 6 : 12) & 0x3F);
    beginnings.set(first * 256 + second);
  }
  return beginnings;
}

TEST(JsonText, EscapesEveryPairOfBytes) {
  const std::bitset<65'536> beginnings = beginnings_of_long_characters();
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; ++second) {
      const std::string pair = one_byte(first) + one_byte(second);
      const bool is_character = first >= 0xC2 && first <= 0xDF && second >= 0x80 && second <= 0xBF;
      if (is_character) {
        ASSERT_EQ(escaped(pair), pair);
      } else if (beginnings.test(first * 256 + second)) {
        ASSERT_EQ(escaped(pair), kReplacement) << first << ' ' << second;
      } else {
        ASSERT_EQ(escaped(pair), expected_of(first) + expected_of(second));
      }
    }
  }
}

std::string random_text(std::mt19937& random) {
  static const std::array<std::string, 12> kPieces = {
      "plain words "s, "\""s,     "\\"s,       "\n"s,   "\0"s,   "\u20ac"s,
      "\U0001F600"s,   "\u0436"s, "\xE2\x82"s, "\xC0"s, "\xFF"s, "\xF0\x9F\x98"s};
  std::string text;
  for (std::size_t pieces = random() % 12; pieces > 0; --pieces) {
    text += random() % 4 == 0 ? one_byte(random() % 256) : kPieces[random() % kPieces.size()];
  }
  return text;
}

std::string as_hex(std::string_view text) {
  std::string hex;
  for (const char byte : text) {
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", static_cast<unsigned char>(byte));
    hex += digits.data();
  }
  return hex;
}

TEST(JsonText, ReadsBackUnchangedBySimdjsonWhenItWasValid) {
  std::mt19937 random(6);
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = random_text(random);
    const std::string cleaned = read_back(text);
    if (simdjson::validate_utf8(text)) {
      ASSERT_EQ(cleaned, text);
    }
    ASSERT_EQ(read_back(cleaned), cleaned);
  }
}

/// Reads lines of two words: a text and our JSON of it, both in hexadecimal. Python replaces
/// invalid UTF-8 by the same practice.
constexpr const char* kPythonChecks = R"(python3 -c '
import json, sys
count = 0
for line in sys.stdin:
    text, ours = (bytes.fromhex(word) for word in line[1:].split(","))
    got = json.loads(ours.decode("utf-8"), strict=True)
    if got != text.decode("utf-8", errors="replace"):
        sys.exit("%r became %r" % (text, got))
    count += 1
sys.exit(0 if count == 85536 else "checked %d lines" % count)
')";

TEST(JsonText, ReadsBackInPythonAsPythonReplacesInvalidUtf8) {
  if (std::system("command -v python3 >/dev/null") != 0) GTEST_SKIP() << "no python3 here";
  std::FILE* const python = popen(kPythonChecks, "w");
  ASSERT_NE(python, nullptr);
  const auto ask = [python](const std::string& text) {
    std::fprintf(python, ">%s,%s\n", as_hex(text).c_str(), as_hex(quote(escaped(text))).c_str());
  };
  for (unsigned pair = 0; pair < 65'536; ++pair) ask(one_byte(pair / 256) + one_byte(pair % 256));
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) ask(random_text(random));
  EXPECT_EQ(pclose(python), 0);
}

TEST(JsonText, KnowsPlainText) {
  for (std::size_t length = 0; length <= 40; ++length) {
    std::string text(length, 'x');
    EXPECT_TRUE(is_plain_json_text(text));
    for (std::size_t at = 0; at < length; ++at) {
      for (const char byte : {'"', '\\', '\n', '\0', '\x80', '\xC3'}) {
        text[at] = byte;
        EXPECT_FALSE(is_plain_json_text(text)) << length << ' ' << at;
      }
      text[at] = 'x';
    }
  }
}

TEST(JsonText, MakesAString) {
  EXPECT_EQ(json_text(""), "");
  EXPECT_EQ(json_text("say \"hi\"\n"), "say \\\"hi\\\"\\n");
}

TEST(PlainBlock, IsSeenAlikeByWordsAndByVectors) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    for (std::size_t at = 0; at < kBlockBytes; ++at) {
      std::string block(kBlockBytes, 'x');
      block[at] = static_cast<char>(byte);
      std::string by_vector(kBlockBytes, '\0');
      std::string by_words(kBlockBytes, '\0');
      EXPECT_EQ(PlainInJson::copy_block(by_vector.data(), block.data()),
                PlainInJson::copy_block_by_words(by_words.data(), block.data()));
      EXPECT_EQ(by_vector, block);
      EXPECT_EQ(by_words, block);
    }
  }
}

}  // namespace
}  // namespace metlog
