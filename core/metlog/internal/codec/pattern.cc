#include "metlog/internal/codec/pattern.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/base/utf8.h"
#include "metlog/internal/text/line_text.h"
#include "metlog/internal/text/nearest_name.h"
#include "metlog/internal/text/time_letters.h"

namespace metlog {
namespace {

struct Letter {
  char letter;
  PartKind kind;
};

/// The letters that stand for one part; all are spdlog's.
constexpr Letter kLetters[] = {
    {'l', PartKind::kLevel},    {'L', PartKind::kLevelLetter}, {'n', PartKind::kLogger},
    {'v', PartKind::kText},     {'t', PartKind::kThreadId},    {'P', PartKind::kPid},
    {'s', PartKind::kFile},     {'g', PartKind::kPath},        {'@', PartKind::kPlace},
    {'#', PartKind::kLine},     {'!', PartKind::kFunction},    {'^', PartKind::kColorBegin},
    {'$', PartKind::kColorEnd}, {'e', PartKind::kMillis},      {'f', PartKind::kMicros},
    {'F', PartKind::kNanos},    {'o', PartKind::kElapsed},     {'i', PartKind::kElapsed},
    {'u', PartKind::kElapsed},  {'O', PartKind::kElapsed},
};

struct Name {
  std::string_view name;
  PartKind kind;
};

constexpr Name kNames[] = {
    {"fields", PartKind::kFields},     {"function", PartKind::kFunction},
    {"file", PartKind::kFile},         {"host", PartKind::kHost},
    {"level", PartKind::kLevel},       {"LEVEL", PartKind::kLevelShort},
    {"line", PartKind::kLine},         {"logger", PartKind::kLogger},
    {"path", PartKind::kPath},         {"payload", PartKind::kPayload},
    {"pid", PartKind::kPid},           {"process", PartKind::kProgram},
    {"severity", PartKind::kSeverity}, {"text", PartKind::kText},
    {"thread", PartKind::kThreadName}, {"thread_id", PartKind::kThreadId},
    {"time", PartKind::kTimestamp},    {"type", PartKind::kType},
};

constexpr std::string_view kFieldPrefix = "field:";
constexpr std::uint16_t kMaxWidth = 128;

class PatternReader {
 public:
  explicit PatternReader(std::string_view pattern) : pattern_(pattern) {}

  absl::StatusOr<Layout> read() {
    while (at_ < pattern_.size()) {
      if (absl::Status status = pattern_[at_] == '%' ? read_part() : read_literal(); !status.ok()) {
        return status;
      }
    }
    layout_.complete();
    return std::move(layout_);
  }

 private:
  absl::Status read_literal() {
    const std::string_view rest = pattern_.substr(at_);
    const std::string_view literal = rest.substr(0, rest.find('%'));
    for (std::size_t i = 0; i < literal.size();) {
      const std::string_view character =
          literal.substr(i, first_utf8_sequence(literal.substr(i)).bytes);
      if (character != "\t" && character != "\\" && line_text(character) != character) {
        return wrong(at_ + i,
                     absl::StrCat("the character ", line_text(character), " cannot be in a line"));
      }
      i += character.size();
    }
    at_ += literal.size();
    add_literal(literal);
    return absl::OkStatus();
  }

  void add_literal(std::string_view literal) {
    if (!layout_.parts.empty() && layout_.parts.back().kind == PartKind::kLiteral) {
      layout_.parts.back().text += literal;
    } else {
      layout_.parts.push_back({PartKind::kLiteral, std::string(literal)});
    }
  }

  absl::Status read_part() {
    const std::size_t begin = at_++;
    LayoutPart part{PartKind::kLiteral};
    if (absl::Status status = read_alignment(part, begin); !status.ok()) return status;
    if (at_ == pattern_.size()) {
      return wrong(begin, "nothing follows the %; write %% for a percent sign");
    }
    const char letter = pattern_[at_];
    if (letter == '{') return read_name(std::move(part));
    if (letter == '%') {
      ++at_;
      add_literal("%");
      return absl::OkStatus();
    }
    if (letter == '+') return read_whole(part, begin);
    return read_letter(std::move(part));
  }

  /// `8`, `-8`, `=8`, `8!`.
  absl::Status read_alignment(LayoutPart& part, std::size_t begin) {
    using Align = LayoutPart::Align;
    Align align = Align::kRight;
    if (at_ < pattern_.size() && (pattern_[at_] == '-' || pattern_[at_] == '=')) {
      align = pattern_[at_++] == '-' ? Align::kLeft : Align::kCenter;
    }
    const std::size_t digits = at_;
    unsigned width = 0;
    for (; at_ < pattern_.size() && pattern_[at_] >= '0' && pattern_[at_] <= '9'; ++at_) {
      width = width * 10 + static_cast<unsigned>(pattern_[at_] - '0');
      if (width > kMaxWidth) {
        return wrong(digits, absl::StrCat("a width is 1 to ", kMaxWidth));
      }
    }
    if (at_ == digits) {
      if (align == Align::kRight) return absl::OkStatus();
      return wrong(begin, "a width follows - and =, as in %-8l");
    }
    if (width == 0) return wrong(digits, absl::StrCat("a width is 1 to ", kMaxWidth));
    part.align = align;
    part.width = static_cast<std::uint16_t>(width);
    if (at_ < pattern_.size() && pattern_[at_] == '!') {
      part.is_cut = true;
      ++at_;
    }
    return absl::OkStatus();
  }

  /// `%+`, the default pattern.
  absl::Status read_whole(const LayoutPart& part, std::size_t begin) {
    if (part.width != 0) return wrong(begin, "%+ takes no width");
    ++at_;
    PatternReader whole(kDefaultPattern);
    while (whole.at_ < whole.pattern_.size()) {
      const bool is_part = whole.pattern_[whole.at_] == '%';
      (is_part ? whole.read_part() : whole.read_literal()).IgnoreError();
    }
    for (LayoutPart& each : whole.layout_.parts) add(std::move(each));
    return absl::OkStatus();
  }

  absl::Status read_letter(LayoutPart part) {
    const char letter = pattern_[at_];
    if (kTimeLetters.find(letter) != std::string_view::npos) {
      part.kind = PartKind::kSecond;
      part.text = {'%', letter};
      ++at_;
      add(std::move(part));
      return absl::OkStatus();
    }
    for (const Letter& known : kLetters) {
      if (known.letter != letter) continue;
      part.kind = known.kind;
      if (part.kind == PartKind::kElapsed) part.text = letter;
      ++at_;
      add(std::move(part));
      return absl::OkStatus();
    }
    return unknown_letter(letter);
  }

  absl::Status unknown_letter(char letter) {
    std::string known(kTimeLetters);
    for (const Letter& each : kLetters) known += each.letter;
    const std::string_view character =
        pattern_.substr(at_, first_utf8_sequence(pattern_.substr(at_)).bytes);
    const char other_case = static_cast<char>(letter ^ 0x20);
    const bool is_letter = (letter | 0x20) >= 'a' && (letter | 0x20) <= 'z';
    std::string what = absl::StrCat("%", line_text(character), " is unknown; ");
    if (is_letter && known.find(other_case) != std::string::npos) {
      absl::StrAppend(&what, "did you mean %", std::string(1, other_case), "?");
    } else {
      absl::StrAppend(&what, "known are %", known, " %+ %% and %{name}");
    }
    return wrong(at_, what);
  }

  /// `{fields}`, `{field:key}`.
  absl::Status read_name(LayoutPart part) {
    const std::size_t begin = at_ + 1;
    const std::size_t end = pattern_.find('}', begin);
    if (end == std::string_view::npos) return wrong(at_, "no } follows the {");
    const std::string_view name = pattern_.substr(begin, end - begin);
    at_ = end + 1;
    if (name.substr(0, kFieldPrefix.size()) == kFieldPrefix) {
      part.kind = PartKind::kField;
      part.text = name.substr(kFieldPrefix.size());
      if (part.text.empty()) return wrong(begin, "a key follows field:, as in %{field:table}");
      add(std::move(part));
      return absl::OkStatus();
    }
    std::vector<std::string> names{"field:KEY"};
    for (const Name& known : kNames) {
      if (known.name == name) {
        part.kind = known.kind;
        add(std::move(part));
        return absl::OkStatus();
      }
      names.emplace_back(known.name);
    }
    return wrong(begin, absl::StrCat("'", line_text(name), "' is no part", hint_at(name, names)));
  }

  /// Joins what a second decides: `%H:%M:%S` is rendered once a second.
  void add(LayoutPart part) {
    std::vector<LayoutPart>& parts = layout_.parts;
    const auto is_joinable = [](const LayoutPart& each) {
      return each.kind == PartKind::kSecond && each.width == 0;
    };
    if (is_joinable(part) && !parts.empty() && is_joinable(parts.back())) {
      parts.back().text += part.text;
    } else if (is_joinable(part) && parts.size() > 1 && parts.back().kind == PartKind::kLiteral &&
               is_joinable(parts[parts.size() - 2])) {
      std::string between = std::move(parts.back().text);
      parts.pop_back();
      for (const char letter : between) {
        if (letter == '%') parts.back().text += '%';
        parts.back().text += letter;
      }
      parts.back().text += part.text;
    } else {
      parts.push_back(std::move(part));
    }
  }

  [[nodiscard]] absl::Status wrong(std::size_t at, const std::string& what) const {
    return absl::InvalidArgumentError(
        absl::StrCat("pattern '", line_text(pattern_), "', character ",
                     count_characters(pattern_.substr(0, at)) + 1, ": ", what));
  }

  const std::string_view pattern_;
  std::size_t at_ = 0;
  Layout layout_;
};

}  // namespace

absl::StatusOr<Layout> compile_pattern(std::string_view pattern) {
  return PatternReader(pattern.empty() ? kDefaultPattern : pattern).read();
}

}  // namespace metlog
