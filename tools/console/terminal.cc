#include "tools/console/terminal.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace metlog {
namespace {

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool is_dumb_terminal() {
  const char* value = std::getenv("TERM");
  return value == nullptr || std::string_view(value) == "dumb";
}

}  // namespace

bool can_redraw(std::FILE* stream) { return isatty(fileno(stream)) != 0 && !is_dumb_terminal(); }

bool wants_colours(std::FILE* stream) { return can_redraw(stream) && !is_set("NO_COLOR"); }

}  // namespace metlog
