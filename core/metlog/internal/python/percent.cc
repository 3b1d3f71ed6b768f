#include "metlog/percent.h"

#include <algorithm>

#include "metlog/internal/python/percent_conversion.h"
#include "metlog/internal/python/python_text.h"

namespace metlog {
namespace {

absl::Status wrong(std::string_view what) { return absl::InvalidArgumentError(std::string(what)); }

/// Reads a format from left to right and takes the arguments in the original's order, on which it
/// depends which of several errors is reported.
class PercentReader {
 public:
  PercentReader(std::string_view format, const Value* arguments, std::size_t count)
      : format_(format),
        next_(arguments),
        end_(arguments + count),
        map_(count == 1 ? arguments->as_map() : nullptr) {}

  absl::StatusOr<std::string> read() {
    for (;;) {
      const std::size_t sign = std::min(format_.find('%', at_), format_.size());
      out_.append(format_.substr(at_, sign - at_));
      if (sign == format_.size()) break;
      at_ = sign + 1;
      if (absl::Status status = read_conversion(); !status.ok()) return status;
    }
    if (next_ != end_ && map_ == nullptr) {
      return wrong("not all arguments converted during string formatting");
    }
    return std::move(out_);
  }

 private:
  absl::Status read_conversion() {
    PercentConversion conversion;
    if (absl::Status status = read_key(); !status.ok()) return status;
    read_flags(conversion);
    if (absl::Status status = read_width(conversion); !status.ok()) return status;
    if (absl::Status status = read_precision(conversion); !status.ok()) return status;
    if (peek() == 'h' || peek() == 'l' || peek() == 'L') ++at_;
    if (at_ >= format_.size()) return wrong("incomplete format");
    conversion.letter_index = at_;
    conversion.letter = format_[at_++];
    if (conversion.letter == '%') {
      out_ += percent_sign(conversion);
      return absl::OkStatus();
    }
    const Value* const value = take();
    if (value == nullptr) return wrong("not enough arguments for format string");
    absl::StatusOr<std::string> text = convert_percent(conversion, *value);
    if (text.ok()) out_ += *text;
    return text.status();
  }

  // Reads `(key)`; parentheses nest.
  absl::Status read_key() {
    if (peek() != '(') return absl::OkStatus();
    if (map_ == nullptr) return wrong("format requires a mapping");
    const std::size_t begin = ++at_;
    for (int depth = 1; depth != 0; ++at_) {
      if (at_ >= format_.size()) return wrong("incomplete format key");
      if (format_[at_] == '(') ++depth;
      if (format_[at_] == ')') --depth;
    }
    const std::string_view key = format_.substr(begin, at_ - 1 - begin);
    const Value* const value = map_->find(key);
    if (value == nullptr) return absl::NotFoundError(python_quote(key));
    // The value replaces all arguments for one conversion.
    next_ = value;
    end_ = value + 1;
    return absl::OkStatus();
  }

  void read_flags(PercentConversion& conversion) {
    for (;; ++at_) {
      switch (peek()) {
        case '-':
          conversion.is_left = true;
          break;
        case '+':
          conversion.has_plus = true;
          break;
        case ' ':
          conversion.has_space = true;
          break;
        case '#':
          conversion.is_alternate = true;
          break;
        case '0':
          conversion.has_zero = true;
          break;
        default:
          return;
      }
    }
  }

  absl::Status read_width(PercentConversion& conversion) {
    if (absl::Status status = read_quantity(conversion.width, "width too big"); !status.ok()) {
      return status;
    }
    if (conversion.width < 0) {
      conversion.is_left = true;
      conversion.width = -conversion.width;
    }
    return absl::OkStatus();
  }

  absl::Status read_precision(PercentConversion& conversion) {
    if (peek() != '.') return absl::OkStatus();
    ++at_;
    int precision = 0;
    if (absl::Status status = read_quantity(precision, "prec too big"); !status.ok()) return status;
    conversion.precision = std::max(precision, 0);
    return absl::OkStatus();
  }

  // Reads digits, or `*` for the next argument; leaves `quantity` unchanged if there is neither.
  absl::Status read_quantity(int& quantity, std::string_view too_big) {
    if (peek() == '*') {
      ++at_;
      const Value* const value = take();
      if (value == nullptr) return wrong("not enough arguments for format string");
      const bool* const truth = value->as_bool();
      const std::int64_t* const number = value->as_integer();
      if (truth == nullptr && number == nullptr) return wrong("* wants int");
      const std::int64_t wide = truth != nullptr ? std::int64_t{*truth} : *number;
      if (wide > PercentConversion::kMax || wide < -PercentConversion::kMax) {
        return wrong(too_big);
      }
      quantity = static_cast<int>(wide);
      return absl::OkStatus();
    }
    for (; peek() >= '0' && peek() <= '9'; ++at_) {
      quantity = quantity * 10 + (peek() - '0');
      if (quantity > PercentConversion::kMax) return wrong(too_big);
    }
    return absl::OkStatus();
  }

  [[nodiscard]] char peek() const { return at_ < format_.size() ? format_[at_] : '\0'; }
  const Value* take() { return next_ != end_ ? next_++ : nullptr; }

  std::string_view format_;
  std::size_t at_ = 0;
  const Value* next_;
  const Value* end_;
  const ValueMap* map_;
  std::string out_;
};

}  // namespace

absl::StatusOr<std::string> percent_format_values(std::string_view format, const Value* arguments,
                                                  std::size_t count) {
  const bool is_empty_map =
      count == 1 && arguments->as_map() != nullptr && arguments->as_map()->empty();
  if (count == 0 || is_empty_map) return std::string(format);
  return PercentReader(format, arguments, count).read();
}

absl::StatusOr<std::string> percent_format(std::string_view format, const ValueMap& arguments) {
  const Value value(arguments);
  return percent_format_values(format, &value, 1);
}

PercentText percent(std::string_view format, const ValueMap& arguments) {
  return PercentText(percent_format(format, arguments));
}

absl::Status PercentText::log_to(Client& client, Severity severity,
                                 const ExceptionRef& error) const {
  if (!text_.ok()) return text_.status();
  client.log(severity, *text_, error);
  return absl::OkStatus();
}

}  // namespace metlog
