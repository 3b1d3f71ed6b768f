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
  std::string value;      // as written; its lines, each trimmed, joined by newlines
  int line = 0;           // from 1
  int replaced_line = 0;  // line of an earlier option of this name, which this replaces; or 0
};

struct IniSection {
  std::string name;
  int line = 0;                    // of its first header
  std::vector<IniOption> options;  // in the order of their first lines

  /// Null when there is no such option.
  [[nodiscard]] const IniOption* find(std::string_view option) const;
};

/// The sections and options of an INI file, neither interpolated nor converted.
class IniDocument {
 public:
  /// The section whose options apply to all others.
  static constexpr std::string_view kDefault = "DEFAULT";

  /// Lines end with LF, CRLF or a lone CR. `file` is for messages. kInvalidArgument names the lines
  /// that cannot be read, at most 10 of them; it is also for UTF-16 and a NUL byte.
  static absl::StatusOr<IniDocument> parse(std::string_view text, std::string file);

  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] const IniSection& defaults() const { return defaults_; }
  /// All but [DEFAULT], in the order of their first headers. Sections of one name are merged.
  [[nodiscard]] const std::vector<IniSection>& sections() const { return sections_; }
  /// Null when there is no such section, or for [DEFAULT].
  [[nodiscard]] const IniSection* find(std::string_view section) const;

 private:
  friend class IniParser;

  std::string file_;
  IniSection defaults_{std::string(kDefault), 0, {}};
  std::vector<IniSection> sections_;
};

/// One line of an INI file, without its context.
struct IniLine {
  enum class Kind : std::uint8_t {
    kSkipped,    // empty, or a comment
    kIndented,   // continues the option above, if there is one; `value` is the trimmed text
    kSection,    // `name` is the text in the brackets
    kOption,     // `name` is lower-cased, `value` trimmed, without an inline comment
    kUnreadable  // none of these
  };

  Kind kind = Kind::kSkipped;
  std::string name = "";
  std::string_view value = "";
};

/// Reads a line, given without its newline; `value` points into it.
IniLine read_ini_line(std::string_view line);

/// The options of one section: its own, and those of [DEFAULT] that it does not have. The document
/// must outlive it.
class IniScope {
 public:
  IniScope(const IniDocument& document, const IniSection& section)
      : document_(document), section_(section) {}

  [[nodiscard]] const IniSection& section() const { return section_; }
  /// All options but `__name__`, the section's own first.
  [[nodiscard]] std::vector<const IniOption*> options() const;
  /// The value of %(name)s, not yet interpolated. `__name__` is the section's name.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
  /// The place of an option that options() returned.
  [[nodiscard]] ValueOrigin origin_of(const IniOption& option) const;

 private:
  const IniDocument& document_;
  const IniSection& section_;
};

}  // namespace metlog
