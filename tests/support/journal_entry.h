#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace metlog {

/// The fields of an entry, in order.
using JournalEntry = std::vector<std::pair<std::string, std::string>>;

/// Reads what a client of the journal sends, as its native protocol has it: fields that are lines,
/// and fields with the length of their value. None for anything else.
inline std::optional<JournalEntry> read_journal_entry(std::string_view bytes) {
  JournalEntry entry;
  while (!bytes.empty()) {
    const std::size_t line = bytes.find('\n');
    if (line == std::string_view::npos) return std::nullopt;
    const std::size_t equals = bytes.substr(0, line).find('=');
    if (equals != std::string_view::npos) {
      entry.emplace_back(bytes.substr(0, equals), bytes.substr(equals + 1, line - equals - 1));
      bytes.remove_prefix(line + 1);
      continue;
    }
    const std::string key(bytes.substr(0, line));
    bytes.remove_prefix(line + 1);
    if (bytes.size() < 8) return std::nullopt;
    std::uint64_t length = 0;
    for (std::size_t i = 8; i-- > 0;) length = length << 8 | static_cast<unsigned char>(bytes[i]);
    bytes.remove_prefix(8);
    if (length >= bytes.size() || bytes[length] != '\n') return std::nullopt;
    entry.emplace_back(key, bytes.substr(0, length));
    bytes.remove_prefix(length + 1);
  }
  return entry;
}

}  // namespace metlog
