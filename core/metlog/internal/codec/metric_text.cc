#include "metlog/internal/codec/metric_text.h"

#include <cmath>

#include "metlog/internal/text/number_text.h"
#include "metlog/internal/text/value_text.h"

namespace metlog {
namespace {

// In its own digits: 0.1F is 0.1, not the double next to it.
char* append_float(char* out, float value) {
  return std::isfinite(value) ? append_json_real(out, value)
                              : append_short_real(out, static_cast<double>(value));
}

}  // namespace

char* append_count(char* out, const PlannedArg& arg, const ArgBytes& bytes) {
  ByteCursor cursor(bytes.at, bytes.size);
  if (arg.type == "d") return append_short_real(out, cursor.take<double>());
  if (arg.type == "f") return append_float(out, cursor.take<float>());
  std::string_view code = arg.type;
  return append_text_value(out, code, cursor);
}

}  // namespace metlog
