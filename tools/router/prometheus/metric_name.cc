#include "tools/router/prometheus/metric_name.h"

#include <fmt/format.h>

#include "metlog/internal/base/crc32c.h"

namespace metlog {
namespace {

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

std::string metric_name(std::string_view raw) {
  std::string name;
  char before = '_';
  for (const char c : raw) {
    if (name.size() >= kMaxMetricNameBytes) break;
    if (is_upper(c)) {
      if (is_lower(before) || is_digit(before)) name += '_';
      name += static_cast<char>(c - 'A' + 'a');
    } else if (is_lower(c) || is_digit(c)) {
      name += c;
    } else if (!name.empty() && name.back() != '_') {
      name += '_';
    }
    before = c;
  }
  while (!name.empty() && name.back() == '_') name.pop_back();
  if (name.empty()) return "unnamed";
  return is_digit(name.front()) ? "_" + name : name;
}

std::string label_name(std::string_view raw) {
  std::string name;
  for (const char c : raw) {
    name += is_lower(c) || is_upper(c) || is_digit(c) ? c : '_';
  }
  if (name.empty()) return "unnamed";
  if (name == "le" || name.starts_with("__") || is_digit(name.front())) return "x" + name;
  return name;
}

std::string name_digest(std::string_view raw) {
  const auto* const bytes = reinterpret_cast<const unsigned char*>(raw.data());
  return fmt::format("{:08x}", crc32c(bytes, raw.size()));
}

}  // namespace metlog
