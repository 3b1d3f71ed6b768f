#include "metlog/internal/text/format_spec.h"

#include <fmt/format.h>

#include "metlog/internal/site/format_check.h"
#include "metlog/internal/text/json_text.h"

namespace metlog {
namespace {

template <class T>
char* format_one(char* out, std::string_view spec, const T& value) {
  fmt::memory_buffer format;
  format.append(std::string_view("{:"));
  format.append(spec);
  format.push_back('}');
  return fmt::vformat_to(out, fmt::string_view(format.data(), format.size()),
                         fmt::make_format_args(value));
}

char* append_checked(char* out, std::string_view spec, std::string_view code, ByteCursor& bytes) {
  switch (code.front()) {
    case 'b':
      return format_one(out, spec, bytes.take<std::uint8_t>() != 0);
    case 'c':
      return format_one(out, spec, bytes.take<char>());
    case 'i':
      return format_one(out, spec, bytes.take<std::int32_t>());
    case 'u':
      return format_one(out, spec, bytes.take<std::uint32_t>());
    case 'l':
      return format_one(out, spec, bytes.take<std::int64_t>());
    case 'm':
      return format_one(out, spec, bytes.take<std::uint64_t>());
    case 'f':
      return format_one(out, spec, bytes.take<float>());
    case 'd':
      return format_one(out, spec, bytes.take<double>());
    case 'p':
      return format_one(out, spec, reinterpret_cast<const void*>(bytes.take<std::uintptr_t>()));
    default:
      return append_plain_text(out, "{}");
  }
}

char* append_mismatch(char* out, std::string_view spec) {
  out = append_plain_text(out, "{?");
  out = append_plain_text(out, spec);
  return append_plain_text(out, "}");
}

}  // namespace

std::size_t spec_text_growth(std::string_view spec) {
  if (spec.empty()) return 0;
  constexpr std::size_t kMaxDouble = 400;  // the digits before the point of the largest double
  std::size_t asked = 0;
  std::size_t number = 0;
  for (const char c : spec) {
    number = c >= '0' && c <= '9' ? number * 10 + static_cast<std::size_t>(c - '0') : 0;
    asked += number;  // each prefix of the number as well: an upper bound
  }
  constexpr std::size_t kMaxAsked = 2 * 11'110;  // two numbers of four digits, see check_spec()
  return kMaxDouble + (asked < kMaxAsked ? asked : kMaxAsked) + spec.size();
}

char* append_with_spec(char* out, std::string_view spec, std::string_view code, ByteCursor& bytes) {
  if (check_spec(spec, code).what != nullptr) return append_mismatch(out, spec);
  try {
    return append_checked(out, spec, code, bytes);
  } catch (const fmt::format_error&) {
    return append_mismatch(out, spec);  // fmt is stricter in a corner that check_spec() lacks
  }
}

char* append_text_with_spec(char* out, std::string_view spec, std::string_view text) {
  if (check_spec(spec, "s").what != nullptr) return append_mismatch(out, spec);
  try {
    return format_one(out, spec, text);
  } catch (const fmt::format_error&) {
    return append_mismatch(out, spec);  // as above
  }
}

}  // namespace metlog
