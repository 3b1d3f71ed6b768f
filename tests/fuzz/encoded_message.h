#pragma once

#include <simdjson.h>

#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/codec/layout_encoder.h"
#include "metlog/internal/codec/layouts.h"
#include "metlog/internal/text/line_text.h"
#include "tests/support/journal_entry.h"
#include "tests/support/unescaped.h"

namespace metlog {

/// True for an entry of the journal, which has line breaks.
inline bool is_entry(std::string_view message) { return message.starts_with("PRIORITY="); }

/// Returns the message of a record; aborts when it is longer than bound() or has a control
/// character of ASCII.
inline std::string encoded(Encoder& encoder, const RecordView& record) {
  const std::size_t bound = encoder.bound(record, 0);
  std::vector<char> out(bound);
  const char* const end = encoder.encode(out.data(), record, 0);
  if (end == nullptr) return {};  // the format has no form of it
  if (end > out.data() + bound) std::abort();
  std::string message(out.data(), static_cast<std::size_t>(end - out.data()));
  for (const char byte : message) {
    if (is_entry(message)) break;  // see check_entry()
    if (static_cast<unsigned char>(byte) < 0x20) std::abort();
  }
  return message;
}

/// True for a line without an unprintable character, all of whose escapes can be read back.
inline bool is_readable_line(const std::string& line) {
  return line_text(line) == line && unescaped(line).has_value();
}

/// An encoder of each format that has a layout.
inline std::vector<std::unique_ptr<LayoutEncoder>> layout_encoders() {
  std::vector<std::unique_ptr<LayoutEncoder>> made;
  for (const FormatName& format : kFormatNames) {
    if (!has_layout(format.format)) continue;
    ClientText client{"logger", 6};
    FormatOptions options;
    if (format.format == MessageFormat::kPattern) {
      options.pattern = "%v%{fields}|%{payload}%{fields}|%{field:k}|%64v|%n%{type}%l";
      options.utc = true;
    }
    complete_text(client, format.format, options);
    made.push_back(std::make_unique<LayoutEncoder>(ProcessText{4242, "host", "fuzz"}));
    made.back()->set_client(0, client);
  }
  return made;
}

/// Aborts unless it is an entry of the journal whose values are without unprintable characters.
inline void check_entry(const std::string& message) {
  const std::optional<JournalEntry> entry = read_journal_entry(message + "\n");
  if (!entry.has_value()) std::abort();
  for (const auto& [key, value] : *entry) {
    if (key.empty() || block_text(value) != value) std::abort();
  }
}

/// Encodes a record in each of these formats; aborts unless it is valid JSON, or one line of text
/// without an unprintable character, of which the escapes can be read back.
inline void check_layouts(const RecordView& record) {
  static simdjson::dom::parser parser;
  static const auto& layouts_of_formats = *new auto(layout_encoders());
  for (const auto& encoder : layouts_of_formats) {
    const std::string message = encoded(*encoder, record);
    const bool is_pattern = encoder == layouts_of_formats[0];
    const bool is_json = !is_pattern && message.starts_with('{');
    // Its parameters have escapes of their own: `\]`.
    const bool is_syslog = !is_pattern && message.starts_with('<');
    if (is_json && parser.parse(simdjson::padded_string(message)).error() != simdjson::SUCCESS) {
      std::abort();
    }
    if (is_entry(message)) {
      check_entry(message);
    } else if (is_syslog ? line_text(message) != message : !is_json && !is_readable_line(message)) {
      std::abort();
    }
  }
}

}  // namespace metlog
