// Reads arbitrary bytes as an INI configuration. It is read or refused with a message. If it is
// read, it can be printed as INI and as JSON, and both read back as the same.

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "metlog/internal/config/dict_from_config.h"
#include "metlog/internal/config/dict_from_ini.h"
#include "metlog/internal/config/json_reader.h"
#include "metlog/internal/config/json_writer.h"
#include "tests/config/ini_text.h"

namespace metlog {
namespace {

std::optional<std::string> variable(const std::string& name) {
  if (name.size() > 1) return std::nullopt;
  return name;
}

void check_document(const IniDocument& document) {
  const absl::StatusOr<IniDocument> again = IniDocument::parse(ini_text(document), "fuzz");
  if (!again.ok() || !says_the_same(document, *again)) std::abort();
  const absl::StatusOr<ValueMap> dict = dict_from_ini(document, "metlog", variable);
  const absl::StatusOr<ValueMap> dict_again = dict_from_ini(*again, "metlog", variable);
  if (dict.status().code() != dict_again.status().code()) std::abort();
  if (!dict.ok()) return;
  if (!(*dict == *dict_again)) std::abort();
  if (!parse_json(to_json(*dict)).ok()) std::abort();
}

void check(std::string_view text) {
  const absl::StatusOr<IniDocument> document = IniDocument::parse(text, "fuzz");
  if (document.ok()) check_document(*document);
  ConfigReading reading;
  reading.environment = variable;
  const absl::StatusOr<ValueMap> dict = dict_from_text_config(text, "metlog", reading);
  if (!dict.ok() && dict.status().message().empty()) std::abort();
}

}  // namespace
}  // namespace metlog

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  metlog::check(text);
  // Few random texts begin with the section that is read.
  metlog::check(std::string("[metlog]\n").append(text));
  return 0;
}
