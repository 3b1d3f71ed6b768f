#include "metlog/internal/config/ini.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/config/text.h"
#include "metlog/internal/text/line_text.h"

namespace metlog {

const IniOption* IniSection::find(std::string_view option) const {
  const auto found = std::find_if(options.begin(), options.end(),
                                  [&](const IniOption& one) { return one.name == option; });
  return found == options.end() ? nullptr : &*found;
}

const IniSection* IniDocument::find(std::string_view section) const {
  const auto found = std::find_if(sections_.begin(), sections_.end(),
                                  [&](const IniSection& one) { return one.name == section; });
  return found == sections_.end() ? nullptr : &*found;
}

namespace {

/// Removes the first line from the text and returns it without its end: LF, CRLF or a lone CR.
std::string_view take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
  const std::string_view line = text.substr(0, end);
  const bool is_crlf = text.substr(end, 2) == "\r\n";
  text.remove_prefix(std::min(end + (is_crlf ? 2 : 1), text.size()));
  return line;
}

/// Fails for what no text of UTF-8 has.
absl::Status check_encoding(std::string_view text, const std::string& file) {
  if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
    return absl::InvalidArgumentError(line_text(file).append(": is UTF-16; save it as UTF-8"));
  }
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    int line = 1;
    std::string_view before = text.substr(0, nul + 1);
    for (take_line(before); !before.empty(); take_line(before)) ++line;
    return absl::InvalidArgumentError(absl::StrCat(
        line_text(file), ":", line, ": has a NUL byte; a configuration is text in UTF-8"));
  }
  return absl::OkStatus();
}

}  // namespace

/// Adds one line after the other to a document.
class IniParser {
 public:
  explicit IniParser(IniDocument& document) : document_(document) {}

  /// Returns false when parsing should stop.
  bool take(std::string_view line) {
    ++line_;
    const IniLine read = read_ini_line(line);
    if (read.kind == IniLine::Kind::kSkipped) return true;
    if (read.kind == IniLine::Kind::kSection) {
      open(read.name);
      return true;
    }
    if (section_ == nullptr) {
      add_fault(line, "is before any section; write [metlog] above it");
      return false;
    }
    if (read.kind == IniLine::Kind::kOption) {
      set(read);
    } else if (read.kind == IniLine::Kind::kIndented && option_ != nullptr) {
      option_->value.append("\n").append(read.value);
    } else if (read.kind == IniLine::Kind::kIndented) {
      add_fault(line, "is indented, but there is no option above it; begin it at the margin");
    } else {
      add_fault(line, "is not an option; write name = value, a [section] or a # comment");
    }
    return true;
  }

  [[nodiscard]] absl::Status status() const {
    if (fault_count_ == 0) return absl::OkStatus();
    std::string message = faults_;
    if (fault_count_ > kMaxFaults) {
      absl::StrAppend(&message, "\nand ", fault_count_ - kMaxFaults, " lines more");
    }
    return absl::InvalidArgumentError(message);
  }

 private:
  static constexpr int kMaxFaults = 10;

  void open(const std::string& name) {
    option_ = nullptr;
    if (name == IniDocument::kDefault) {
      section_ = &document_.defaults_;
    } else {
      const auto [known, is_new] = indexes_.try_emplace(name, document_.sections_.size());
      if (is_new) document_.sections_.push_back({name, line_, {}});
      section_ = &document_.sections_[known->second];
    }
    if (section_->line == 0) section_->line = line_;
  }

  void set(const IniLine& read) {
    auto& options = section_->options;
    const auto [known, is_new] = options_[section_->name].try_emplace(read.name, options.size());
    if (is_new) options.push_back({read.name, "", 0, 0});
    option_ = &options[known->second];
    *option_ = {read.name, std::string(read.value), line_, option_->line};
  }

  void add_fault(std::string_view line, std::string_view what) {
    if (++fault_count_ > kMaxFaults) return;
    if (!faults_.empty()) faults_ += '\n';
    absl::StrAppend(&faults_, line_text(document_.file()), ":", line_, ": ");
    faults_.append(quote(line)).append(" ").append(what);
  }

  using Indexes = std::unordered_map<std::string, std::size_t>;  // by name

  IniDocument& document_;
  Indexes indexes_;
  std::unordered_map<std::string, Indexes> options_;  // by section
  IniSection* section_ = nullptr;                     // until the next header
  IniOption* option_ = nullptr;                       // until the next option or header
  int line_ = 0;
  int fault_count_ = 0;
  std::string faults_;
};

absl::StatusOr<IniDocument> IniDocument::parse(std::string_view text, std::string file) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.substr(0, kByteOrderMark.size()) == kByteOrderMark) {
    text.remove_prefix(kByteOrderMark.size());
  }
  if (absl::Status status = check_encoding(text, file); !status.ok()) return status;
  IniDocument document;
  document.file_ = std::move(file);
  IniParser parser(document);
  while (!text.empty()) {
    if (!parser.take(take_line(text))) break;
  }
  if (absl::Status status = parser.status(); !status.ok()) return status;
  return document;
}

namespace {

/// True when the first word is `rem`: `rem = 1` is a comment, `rem=1` an option.
bool is_remark(std::string_view line) {
  return to_lower(line.substr(0, 3)) == "rem" && (line.size() == 3 || is_ini_whitespace(line[3]));
}

bool is_skipped(std::string_view line) {
  return trim(line).empty() || line[0] == '#' || line[0] == ';' || is_remark(line);
}

/// The end of the nonempty brackets that the line begins with, or npos.
std::size_t end_of_brackets(std::string_view line) {
  if (line[0] != '[') return std::string_view::npos;
  const std::size_t end = line.find(']');
  return end == 1 ? std::string_view::npos : end;
}

/// Removes a comment from a value: at the first semicolon, if whitespace precedes it.
std::string_view without_comment(std::string_view value) {
  const std::size_t at = value.find(';');
  const bool is_comment =
      at != std::string_view::npos && at != 0 && is_ini_whitespace(value[at - 1]);
  return is_comment ? value.substr(0, at) : value;
}

std::string_view option_value(std::string_view text) {
  const std::string_view value = trim(without_comment(trim_left(text)));
  return value == "\"\"" ? std::string_view() : value;
}

}  // namespace

IniLine read_ini_line(std::string_view line) {
  using Kind = IniLine::Kind;
  if (is_skipped(line)) return {};
  if (is_ini_whitespace(line[0])) return {Kind::kIndented, "", trim(line)};
  if (const std::size_t end = end_of_brackets(line); end != std::string_view::npos) {
    return {Kind::kSection, std::string(line.substr(1, end - 1))};
  }
  const std::size_t separator = line.find_first_of(":=");
  if (separator == std::string_view::npos || separator == 0) return {Kind::kUnreadable};
  return {Kind::kOption, to_lower(trim_right(line.substr(0, separator))),
          option_value(line.substr(separator + 1))};
}

namespace {

constexpr std::string_view kSectionName = "__name__";

}  // namespace

std::vector<const IniOption*> IniScope::options() const {
  std::vector<const IniOption*> options;
  for (const IniOption& option : section_.options) {
    if (option.name != kSectionName) options.push_back(&option);
  }
  for (const IniOption& option : document_.defaults().options) {
    const bool is_hidden = option.name == kSectionName || section_.find(option.name) != nullptr;
    if (!is_hidden) options.push_back(&option);
  }
  return options;
}

std::optional<std::string_view> IniScope::find(std::string_view name) const {
  if (const IniOption* const own = section_.find(name); own != nullptr) return own->value;
  if (name == kSectionName) return section_.name;
  const IniOption* const shared = document_.defaults().find(name);
  if (shared == nullptr) return std::nullopt;
  return shared->value;
}

ValueOrigin IniScope::origin_of(const IniOption& option) const {
  ValueOrigin origin;
  origin.file = document_.file();
  origin.line = option.line;
  const bool is_own = section_.find(option.name) == &option;
  origin.section = is_own ? section_.name : document_.defaults().name;
  origin.key = option.name;
  origin.written = option.value;
  origin.replaced_line = option.replaced_line;
  return origin;
}

}  // namespace metlog
