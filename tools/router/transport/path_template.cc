#include "tools/router/transport/path_template.h"

#include <re2/re2.h>

#include <algorithm>
#include <ctime>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/base/utf8.h"
#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/unprintable.h"

namespace metlog {
namespace {

constexpr std::string_view kTimeLetters = "YmdHMSjy";
constexpr char kOffsetUrl[] = "metlog.path_template_offset";
constexpr std::size_t kMaxComponentBytes = 255;
constexpr std::size_t kRotationBytes = 8;  // .1000.gz

absl::Status wrong(std::size_t offset, const std::string& what) {
  absl::Status status = absl::InvalidArgumentError(what);
  status.SetPayload(kOffsetUrl, absl::Cord(std::to_string(offset)));
  return status;
}

/// Appends a value so that it is part of one component of the path.
void append_value(std::string& path, std::string_view value) {
  const std::size_t begin = path.size();
  for (std::string_view rest = cut_to_bytes(value, PathTemplate::kMaxValueBytes); !rest.empty();) {
    const Utf8Sequence sequence = first_utf8_sequence(rest);
    const std::string_view bytes = rest.substr(0, sequence.bytes);
    rest.remove_prefix(sequence.bytes);
    const bool is_kept = sequence.is_valid && !is_unprintable(utf8_code_point(bytes)) &&
                         bytes != "/" && !(bytes == "." && path.size() == begin);
    path += is_kept ? bytes : std::string_view("_");
  }
  if (path.size() == begin) path += '_';
}

}  // namespace

/// Reads a template.
class PathTemplate::Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  absl::StatusOr<std::vector<Part>> read() {
    while (at_ < text_.size()) {
      if (text_[at_] != '%') {
        add_text(text_.substr(at_, 1));
        ++at_;
        continue;
      }
      if (absl::Status status = read_percent(); !status.ok()) return status;
    }
    return std::move(parts_);
  }

 private:
  void add_text(std::string_view text) {
    if (parts_.empty() || parts_.back().kind != Part::Kind::kText) parts_.emplace_back();
    parts_.back().text += text;
  }

  absl::Status read_percent() {
    const std::size_t begin = at_++;
    const char next = at_ < text_.size() ? text_[at_] : '\0';
    if (next == '%') {
      add_text("%");
    } else if (next == '{') {
      const std::size_t end = text_.find('}', at_);
      if (end == std::string_view::npos) {
        return wrong(begin, "'%{' has no '}'; write %{Logger}, %{Fields[name]} or the like");
      }
      const std::string_view name = text_.substr(at_ + 1, end - at_ - 1);
      at_ = end + 1;
      return add_variable(begin, name);
    } else if (next != '\0' && kTimeLetters.find(next) != std::string_view::npos) {
      parts_.push_back({Part::Kind::kTime, std::string(1, next), {}});
    } else {
      return wrong(begin, absl::StrCat("'%", next == '\0' ? "" : std::string(1, next),
                                       "' is no part of a path; known are %Y %m %d %H %M %S %j %y, "
                                       "%{Logger} and the like, and %% for a percent sign"));
    }
    ++at_;
    return absl::OkStatus();
  }

  absl::Status add_variable(std::size_t begin, std::string_view name) {
    std::optional<MessagePart> part = MessagePart::named(name);
    if (!part.has_value()) {
      return wrong(begin,
                   absl::StrCat("'%{", absl::string_view(name.data(), name.size()),
                                "}' is no part of a message; known are ", MessagePart::kKnown));
    }
    parts_.push_back({Part::Kind::kPart, {}, std::move(part)});
    return absl::OkStatus();
  }

  const std::string_view text_;
  std::size_t at_ = 0;
  std::vector<Part> parts_;
};

std::size_t PathTemplate::max_bytes_of(const Part& part) {
  using Kind = Part::Kind;
  if (part.kind == Kind::kTime) return 6;
  return part.part.has_value() && part.part->is_number() ? kMaxIntBytes : kMaxValueBytes;
}

std::size_t PathTemplate::error_offset(const absl::Status& error) {
  const auto payload = error.GetPayload(kOffsetUrl);
  std::size_t offset = 0;
  if (payload.has_value() && !absl::SimpleAtoi(std::string(*payload), &offset)) offset = 0;
  return offset;
}

absl::StatusOr<PathTemplate> PathTemplate::parse(std::string_view text) {
  absl::StatusOr<std::vector<Part>> parts = Reader(text).read();
  if (!parts.ok()) return parts.status();
  if (!text.starts_with('/')) return wrong(0, "the path is not absolute; begin it with a slash");
  if (text.ends_with('/')) {
    return wrong(text.size() - 1, "the path ends in a slash; add the file's name");
  }
  PathTemplate made;
  made.text_ = text;
  made.is_constant_ = parts->size() == 1;
  std::string& first = parts->front().text;  // is text, for it begins with a slash
  const std::size_t slash = first.rfind('/');
  made.root_ = first.substr(0, slash);
  first.erase(0, slash + 1);
  std::size_t component = 0;
  std::string literal;  // the same, with a letter for each value
  for (const Part& part : *parts) {
    const bool is_text = part.kind == Part::Kind::kText;
    for (const char byte : is_text ? std::string_view(part.text) : std::string_view("v")) {
      literal += byte;
      component = byte == '/' ? 0 : component + (is_text ? 1 : max_bytes_of(part));
      if (component > kMaxComponentBytes - kRotationBytes) {
        return wrong(0, "a name in the path may become longer than 247 bytes; use fewer values");
      }
    }
  }
  literal = "/" + literal + "/";
  for (const std::string_view name : {"/../", "/./", "//"}) {
    if (literal.find(name) != std::string::npos) {
      return wrong(0, absl::StrCat("the path has '", absl::string_view(name.data(), name.size()),
                                   "' behind its first value; write the folders by their names"));
    }
  }
  made.parts_ = *std::move(parts);
  return made;
}

bool PathTemplate::ends_in_fixed_text() const {
  const Part& last = parts_.back();
  if (last.kind != Part::Kind::kText) return false;
  const std::size_t digits = last.text.find_last_not_of("0123456789");
  return digits != std::string::npos &&
         (digits + 1 == last.text.size() || last.text[digits] != '.');
}

bool PathTemplate::has_time() const {
  return std::any_of(parts_.begin(), parts_.end(),
                     [](const Part& part) { return part.kind == Part::Kind::kTime; });
}

bool PathTemplate::is_ordered_by_time() const {
  const auto has = [this](std::string_view letters) {
    return std::any_of(parts_.begin(), parts_.end(), [letters](const Part& part) {
      return part.kind == Part::Kind::kTime && letters.find(part.text[0]) != std::string_view::npos;
    });
  };
  const bool has_day = has("d") || has("j");
  return has("Yy") && (has("m") || !has("d")) && (has_day || !has("H")) &&
         (has("H") || !has("M")) && (has("M") || !has("S"));
}

std::vector<PathTemplate::Component> PathTemplate::components() const {
  std::vector<Component> components(1);
  for (const Part& part : parts_) {
    if (part.kind == Part::Kind::kTime) {
      const int digits = part.text == "Y" ? 4 : part.text == "j" ? 3 : 2;
      absl::StrAppend(&components.back().regex, "([0-9]{", digits, "})");
      components.back().groups += part.text;
      continue;
    }
    if (part.kind != Part::Kind::kText) {
      absl::StrAppend(&components.back().regex, "(.{1,", kMaxValueBytes, "}?)");
      components.back().groups += Component::kValue;
      continue;
    }
    std::string_view rest = part.text;
    for (std::size_t slash = 0; (slash = rest.find('/')) != std::string_view::npos;) {
      components.back().regex += RE2::QuoteMeta({rest.data(), slash});
      components.emplace_back();
      rest.remove_prefix(slash + 1);
    }
    components.back().regex += RE2::QuoteMeta({rest.data(), rest.size()});
  }
  return components;
}

void PathTemplate::write(const DecodedMessage& message, std::int64_t utc_ns, TimeZone zone,
                         std::string& path) const {
  constexpr std::int64_t kSecondNs = 1'000'000'000;
  path.clear();
  std::tm parts{};
  bool has_parts = false;
  for (const Part& part : parts_) {
    if (part.kind != Part::Kind::kTime) {
      append_part(part, message, path);
      continue;
    }
    if (!std::exchange(has_parts, true)) {
      const auto second = static_cast<std::time_t>(utc_ns / kSecondNs - (utc_ns % kSecondNs < 0));
      zone == TimeZone::kUtc ? ::gmtime_r(&second, &parts) : ::localtime_r(&second, &parts);
    }
    const char format[] = {'%', part.text[0], '\0'};
    char text[16];
    path.append(text, std::strftime(text, sizeof text, format, &parts));
  }
}

void PathTemplate::append_part(const Part& part, const DecodedMessage& message, std::string& path) {
  path += part.text;
  if (!part.part.has_value()) return;
  std::string value;
  part.part->append_to(value, message);
  append_value(path, value);
}

}  // namespace metlog
