#include "tools/router/prometheus/exposition.h"

#include <fmt/format.h>

#include <cmath>
#include <iterator>

#include "metlog/internal/base/utf8.h"

namespace metlog {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

/// Appends text with what would end it escaped; only values have quotes around them.
void append_escaped(std::string& out, std::string_view text, bool is_value) {
  while (!text.empty()) {
    const char c = text.front();
    if (static_cast<unsigned char>(c) >= 0x80) {
      const Utf8Sequence sequence = first_utf8_sequence(text);
      out += sequence.is_valid ? text.substr(0, sequence.bytes) : kReplacement;
      text.remove_prefix(sequence.bytes);
      continue;
    }
    if (c == '\n') {
      out += "\\n";
    } else if (c == '\\' || (c == '"' && is_value)) {
      (out += '\\') += c;
    } else {
      out += c;
    }
    text.remove_prefix(1);
  }
}

std::string_view name_of(Exposition::Type type) {
  switch (type) {
    case Exposition::Type::kCounter:
      return "counter";
    case Exposition::Type::kGauge:
      return "gauge";
    case Exposition::Type::kHistogram:
      break;
  }
  return "histogram";
}

}  // namespace

void Exposition::begin(std::string_view name, Type type, std::string_view help) {
  name_ = name;
  fmt::format_to(std::back_inserter(text_), "# HELP {} ", name);
  append_escaped(text_, help, false);
  fmt::format_to(std::back_inserter(text_), "\n# TYPE {} {}\n", name, name_of(type));
}

void Exposition::begin_sample(std::string_view suffix, Labels labels) {
  (text_ += name_) += suffix;
  char separator = '{';
  for (const Label& label : labels) {
    text_ += separator;
    (text_ += label.name) += "=\"";
    append_escaped(text_, label.value, true);
    text_ += '"';
    separator = ',';
  }
  text_ += labels.empty() ? " " : "} ";
}

void Exposition::add(std::string_view suffix, Labels labels, std::uint64_t value) {
  begin_sample(suffix, labels);
  fmt::format_to(std::back_inserter(text_), "{}\n", value);
}

void Exposition::add(std::string_view suffix, Labels labels, double value) {
  begin_sample(suffix, labels);
  (text_ += sample_text(value)) += '\n';
}

std::string sample_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
  return fmt::format("{}", value);
}

}  // namespace metlog
