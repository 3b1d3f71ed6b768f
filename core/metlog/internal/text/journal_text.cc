#include "metlog/internal/text/journal_text.h"

#include <cstdint>
#include <cstring>

#include "metlog/internal/text/json_text.h"

namespace metlog {
namespace {

constexpr std::size_t kMaxKey = 64;

void write_length(char* out, std::uint64_t length) {
  for (std::size_t i = 0; i < kJournalLengthBytes; ++i) {
    out[i] = static_cast<char>(length >> 8 * i & 0xff);
  }
}

}  // namespace

char* append_journal_key(char* out, std::string_view key) {
  char* const begin = out;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  if (key.empty() || !is_letter(key[0])) *out++ = 'F';
  for (const char c : key) {
    if (static_cast<std::size_t>(out - begin) == kMaxKey) break;
    if (c >= 'a' && c <= 'z') {
      *out++ = static_cast<char>(c - 'a' + 'A');
    } else {
      *out++ = is_letter(c) || (c >= '0' && c <= '9') ? c : '_';
    }
  }
  return out;
}

char* end_journal_value(char* value, char* end) {
  const auto size = static_cast<std::size_t>(end - value);
  if (std::memchr(value, '\n', size) == nullptr) return end;
  std::memmove(value + kJournalLengthBytes, value, size);
  value[-1] = '\n';
  write_length(value, size);
  return end + kJournalLengthBytes;
}

void end_journal_value(std::string& text, std::size_t value) {
  const std::size_t end = text.size();
  text.resize(end + kJournalLengthBytes);
  char* const at = text.data();
  text.resize(static_cast<std::size_t>(end_journal_value(at + value, at + end) - at));
}

char* append_block_of_word(char* out, std::string_view word) {
  const bool is_quoted = word.size() >= 2 && word.front() == '"';
  if (!is_quoted) return append_plain_text(out, word);
  word = word.substr(1, word.size() - 2);
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (word[i] != '\\' || i + 1 == word.size()) {
      *out++ = word[i];
      continue;
    }
    ++i;
    switch (word[i]) {
      case '"':
      case '\\':
        *out++ = word[i];
        break;
      case 'n':
        *out++ = '\n';
        break;
      case 't':
        *out++ = '\t';
        break;
      default:
        *out++ = '\\';
        *out++ = word[i];
        break;
    }
  }
  return out;
}

}  // namespace metlog
