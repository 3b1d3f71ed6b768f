#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

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

}  // namespace metlog
