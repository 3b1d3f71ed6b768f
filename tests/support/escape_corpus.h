#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/base/utf8.h"
#include "tests/support/unprintable_characters.h"

namespace metlog {

using Corpus = std::vector<std::string>;

inline void add_single_characters(Corpus& corpus) {
  // Each byte alone, and between others: all C0, DEL, quote, backslash, all that is no UTF-8 alone.
  for (int byte = 0; byte < 256; ++byte) {
    corpus.push_back({static_cast<char>(byte)});
    corpus.push_back({'a', static_cast<char>(byte), 'z'});
  }
  for (char32_t c1 = 0x80; c1 < 0xA0; ++c1) corpus.push_back("a" + utf8(c1) + "z");
  for (const auto& [first, last] : kExpectedUnprintable) {
    corpus.push_back(utf8(first));
    corpus.push_back("x" + utf8(last) + "\\" + utf8(last));
  }
  constexpr char32_t kDirections[] = {0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E,
                                      0x2066, 0x2067, 0x2068, 0x2069, 0x061C, 0x2028, 0x2029};
  for (const char32_t direction : kDirections) {
    corpus.push_back("user" + utf8(direction) + "nimda");
  }
}

/// Surrogates, overlong forms, what is beyond Unicode, sequences that end too early.
inline void add_invalid_utf8(Corpus& corpus) {
  for (const char* const invalid : {"\xed\xa0\x80",
                                    "\xed\xbf\xbf",
                                    "\xed\xb3\xa9",
                                    "\xed\xa0\xbd\xed\xb8\x80",
                                    "\xc0\x80",
                                    "\xc0\xaf",
                                    "\xc1\xbf",
                                    "\xe0\x80\x80",
                                    "\xe0\x9f\xbf",
                                    "\xf0\x80\x80\x80",
                                    "\xf0\x8f\xbf\xbf",
                                    "\xf4\x90\x80\x80",
                                    "\xf5\x80\x80\x80",
                                    "\xf8\x88\x80\x80\x80",
                                    "\xc2",
                                    "\xe2",
                                    "\xe2\x80",
                                    "\xf0",
                                    "\xf0\x9f",
                                    "\xf0\x9f\x98",
                                    "\xff\xfe",
                                    "\xfe\xff",
                                    "\x80\x80",
                                    "\xbf\xc2",
                                    "\xe2\x28\xa1",
                                    "\xf0\x28\x8c\xbc",
                                    "\xe2\x80\xe2\x80\xa8"}) {
    corpus.emplace_back(invalid);
    corpus.push_back(std::string("<") + invalid + ">");
    corpus.push_back(std::string("\\") + invalid + "\\");
  }
}

/// What looks like an escape, and what would become one.
inline void add_backslashes(Corpus& corpus) {
  for (const char* const text : {"\\\\",
                                 "\\\\\\",
                                 "\\\\\\\\",
                                 "\\n",
                                 "\\r\\t\\b\\f",
                                 "\\\\n",
                                 "\\\\\\n",
                                 "\\u001b",
                                 "\\u0",
                                 "\\u",
                                 "\\udce9",
                                 "\\ud83d\\ude00",
                                 "\\x41",
                                 "\\x",
                                 "\\xg",
                                 "\\xe9",
                                 "\\\"",
                                 "\\/",
                                 "\\d+",
                                 "C:\\new\\table\\users\\x64",
                                 "a\\",
                                 "\\\n",
                                 "\\\x1b",
                                 "\\\xff",
                                 "\\\u202e",
                                 "\n\\",
                                 "\xff\\",
                                 "\\\\\u2028",
                                 "{\"a\":\"\\n\\u001b\"}",
                                 "^\\s*\\\\x[0-9a-f]{2}$"}) {
    corpus.emplace_back(text);
    corpus.push_back(std::string(text) + "n" + text);
  }
}

/// Words, quotes, what separates them, sequences of terminals, and forged lines.
inline void add_words(Corpus& corpus) {
  for (const char* const text : {" ",
                                 "  ",
                                 "=",
                                 "a=b",
                                 "\"",
                                 "\"\"",
                                 "\"a\"",
                                 "a\"b",
                                 "'",
                                 "`",
                                 "a b",
                                 " a",
                                 "a ",
                                 "\"a=b\"",
                                 "level=error",
                                 "\x1b[31mred\x1b[0m",
                                 "\x1b]0;title\x07",
                                 "\x1b[2J\x1b[1;1H",
                                 "\x9b"
                                 "31m",
                                 "\xc2\x9b"
                                 "31m",
                                 "\x1bP+q\x1b\\",
                                 "progress\rdone",
                                 "a\nb",
                                 "a\r\nb",
                                 "\n\n\n",
                                 "tab\tbed",
                                 "x\n2013-01-18T12:34:56.789012Z INFO   tests: forged",
                                 "x\" level=error msg=\"y",
                                 "a\u0085b",
                                 "a\u2028b\u2029c",
                                 "\ufeffbom",
                                 "e\u0301",
                                 "{}",
                                 "{{}}",
                                 "%",
                                 "%v",
                                 "-"}) {
    corpus.emplace_back(text);
  }
}

/// What stays as it is.
inline void add_plain_texts(Corpus& corpus) {
  for (const char* const text :
       {"plain", "gr\u00fcn", "\u65e5\u672c\u8a9e", "\U0001F600", "\u2764\ufe0f", "\u20ac 5",
        "\u00a0", "\u0410\u0411", "\u05d0\u05d1", "\u0627\u0628", "\U0010FFFF", "\uffff",
        "\ufffd"}) {
    corpus.emplace_back(text);
  }
}

/// One of them at and around the borders of words and blocks.
inline void add_long_texts(Corpus& corpus) {
  for (const std::size_t size : {7U, 8U, 9U, 15U, 16U, 17U, 31U, 32U, 33U, 63U, 64U, 65U, 250U}) {
    for (const char* const special :
         {"\n", "\\", "\x7f", "\"", "\xff", "\xc2\x85", "\xe2\x80\xae", "\U000E0001"}) {
      corpus.push_back(std::string(size, 'x') + special);
      corpus.push_back(special + std::string(size, 'y'));
      corpus.push_back(std::string(size, 'x') + special + std::string(size, 'y') + special);
    }
    corpus.emplace_back(size, '\\');
    corpus.emplace_back(size, '\n');
    corpus.emplace_back(size, '\x80');
    corpus.emplace_back(size, 'x');
  }
}

/// Texts that must not get into a line as they are, and some that must.
inline Corpus escape_corpus() {
  Corpus corpus = {""};
  for (const auto add : {add_single_characters, add_invalid_utf8, add_backslashes, add_words,
                         add_plain_texts, add_long_texts}) {
    add(corpus);
  }
  return corpus;
}

/// True for UTF-8 without an unprintable character, as a terminal and a reader of lines want it.
inline bool is_printable_line(std::string_view text) {
  while (!text.empty()) {
    const Utf8Sequence sequence = first_utf8_sequence(text);
    if (!sequence.is_valid) return false;
    if (is_expected_unprintable(utf8_code_point(text.substr(0, sequence.bytes)))) return false;
    text.remove_prefix(sequence.bytes);
  }
  return true;
}

}  // namespace metlog
