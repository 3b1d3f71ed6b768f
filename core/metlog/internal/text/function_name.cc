#include "metlog/internal/text/function_name.h"

#include <cstddef>

namespace metlog {
namespace {

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

/// Removes what is between parentheses, and what follows them up to the next scope: `const`, `&`.
std::string without_arguments(std::string_view name) {
  std::string kept;
  int depth = 0;
  bool is_after = false;
  for (const char letter : name) {
    if (letter == '(') {
      ++depth;
    } else if (letter == ')') {
      if (depth > 0) --depth;
      is_after = depth == 0;
    } else if (depth == 0) {
      if (letter == ':' || letter == '>') is_after = false;
      if (!is_after) kept += letter;
    }
  }
  return kept;
}

}  // namespace

std::string bare_function_name(std::string_view signature) {
  std::string name(signature);
  // The parentheses that are no arguments.
  replace_all(name, "(anonymous namespace)::", "");
  replace_all(name, "{anonymous}::", "");
  replace_all(name, "(anonymous class)::operator()", "<lambda>");
  replace_all(name, "operator()", "operator\x01");
  name = without_arguments(name);
  replace_all(name, "\x01", "()");
  return name;
}

}  // namespace metlog
