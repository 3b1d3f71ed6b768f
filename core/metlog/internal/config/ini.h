#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "metlog/internal/config/typed_value.h"

namespace metlog {

struct IniOption {
  std::string name;       // lower-cased
  std::string value;      // as written; its lines, each trimmed, with newlines between
  int line = 0;           // from 1
  int replaced_line = 0;  // of the same option above, which this one replaces; or 0
};

struct IniSection {
  std::string name;
  int line = 0;                    // of its first header
  std::vector<IniOption> options;  // in the order in which they first stand there

  /// Null when there is no such option.
  [[nodiscard]] const IniOption* find(std::string_view option) const;
};

/// The sections and options of an INI file; nothing interpolated, nothing converted.
class IniDocument {
 public:
  /// The section whose options stand in all others.
  static constexpr std::string_view kDefault = "DEFAULT";

  /// Lines end with LF or CRLF. `file` is for messages. kInvalidArgument names all lines that
  /// cannot be read, as far as 10.
  static absl::StatusOr<IniDocument> parse(std::string_view text, std::string file);

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const IniSection& defaults() const { return defaults_; }
  /// Without [DEFAULT], in the order of their first headers. Sections of one name are one.
  [[nodiscard]] const std::vector<IniSection>& sections() const { return sections_; }
  /// Null when there is no such section; [DEFAULT] is none.
  [[nodiscard]] const IniSection* find(std::string_view section) const;

 private:
  friend class IniParser;

  std::string file_;
  IniSection defaults_{std::string(kDefault), 0, {}};
  std::vector<IniSection> sections_;
};

/// One line of an INI file, as far as it can be told from itself.
struct IniLine {
  enum class Kind : std::uint8_t {
    kSkipped,    // blank, or a comment
    kIndented,   // goes on with the option above, if there is one; `value` is the trimmed text
    kSection,    // `name` stands between the brackets
    kOption,     // `name` is lower-cased, `value` trimmed, without an inline comment
    kUnreadable  // none of these
  };

  Kind kind = Kind::kSkipped;
  std::string name = "";
  std::string_view value = "";
};

/// Reads a line, given without its newline; `value` points into it.
IniLine read_ini_line(std::string_view line);

/// What counts in one section: its own options, and those of [DEFAULT] that it does not have.
/// The document outlives it.
class IniScope {
 public:
  IniScope(const IniDocument& document, const IniSection& section)
      : document_(document), section_(section) {}

  [[nodiscard]] const IniSection& section() const { return section_; }
  /// All options but `__name__`: first the section's own.
  [[nodiscard]] std::vector<const IniOption*> options() const;
  /// What %(name)s stands for, not yet interpolated. `__name__` is the section's name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  /// Where an option that options() returned is written.
  [[nodiscard]] ValueOrigin origin_of(const IniOption& option) const;

 private:
  const IniDocument& document_;
  const IniSection& section_;
};

}  // namespace metlog
