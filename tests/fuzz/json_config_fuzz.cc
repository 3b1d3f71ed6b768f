// Reads arbitrary bytes as a JSON configuration. If it is read, no fault is found in it, and its
// JSON reads back as the same. Else it is refused with the place of the first fault.

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "metlog/internal/config/dict_from_config.h"
#include "metlog/internal/config/json_fault.h"
#include "metlog/internal/config/json_reader.h"
#include "metlog/internal/config/json_writer.h"

namespace metlog {
namespace {

void check(std::string_view text) {
  const bool is_marked = text.starts_with("\xEF\xBB\xBF");
  const absl::StatusOr<Value> value = parse_json(text, "fuzz");
  const auto fault = find_json_fault(text.substr(is_marked ? 3 : 0), kMaxJsonDepth);
  if (value.ok() == fault.has_value()) std::abort();
  if (!value.ok()) return;
  const absl::StatusOr<Value> again = parse_json(to_json(*value));
  if (!again.ok() || !(*again == *value)) std::abort();
  const absl::StatusOr<Value> readable = parse_json(to_readable_json(*value));
  if (!readable.ok() || !(*readable == *value)) std::abort();
  const absl::StatusOr<ValueMap> dict = dict_from_json_config(text);
  if (!dict.ok() && dict.status().message().empty()) std::abort();
}

}  // namespace
}  // namespace metlog

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  metlog::check({reinterpret_cast<const char*>(bytes), size});
  return 0;
}
