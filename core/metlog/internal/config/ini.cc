#include "metlog/internal/config/ini.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/config/ini_line.h"
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

/// Line after line into a document.
class IniParser {
 public:
  explicit IniParser(IniDocument& document) : document_(document) {}

  /// False at a line that makes it pointless to go on.
  bool take(std::string_view line) {
    ++line_;
    const IniLine read = read_ini_line(line);
    if (read.kind == IniLine::Kind::kSkipped) return true;
    if (read.kind == IniLine::Kind::kSection) {
      open(read.name);
      return true;
    }
    if (section_ == nullptr) {
      add_fault(line, "stands before any section; write [metlog] above it");
      return false;
    }
    if (read.kind == IniLine::Kind::kOption) {
      set(read);
    } else if (read.kind == IniLine::Kind::kIndented && option_ != nullptr) {
      option_->value.append("\n").append(read.value);
    } else if (read.kind == IniLine::Kind::kIndented) {
      add_fault(line, "is indented, but no option stands above it; begin it at the margin");
    } else {
      add_fault(line, "is no option; write name = value, a [section] or a # comment");
    }
    return true;
  }

  [[nodiscard]] absl::Status status() const {
    if (fault_count_ == 0) return absl::OkStatus();
    std::string message = faults_;
    if (fault_count_ > kMostFaults) {
      absl::StrAppend(&message, "\nand ", fault_count_ - kMostFaults, " lines more");
    }
    return absl::InvalidArgumentError(message);
  }

 private:
  static constexpr int kMostFaults = 10;

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
    if (++fault_count_ > kMostFaults) return;
    if (!faults_.empty()) faults_ += '\n';
    absl::StrAppend(&faults_, line_text(document_.file()), ":", line_, ": ");
    faults_.append(quoted(line)).append(" ").append(what);
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
  IniDocument document;
  document.file_ = std::move(file);
  IniParser parser(document);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (!parser.take(text.substr(0, end))) break;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (absl::Status status = parser.status(); !status.ok()) return status;
  return document;
}

}  // namespace metlog
