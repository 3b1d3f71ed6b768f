#include "metlog/internal/flush/destination_url.h"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace metlog {
namespace {

constexpr struct {
  std::string_view name;
  MessageFormat format;
} kNames[] = {{"json", MessageFormat::kJson},
              {"text", MessageFormat::kText},
              {"indented", MessageFormat::kIndented}};

}  // namespace

absl::StatusOr<Formatter> take_format(Url& url, const Formatter& preset) {
  Formatter format = preset;
  if (const auto option = url.query.find("format"); option != url.query.end()) {
    const std::string& name = option->second;
    const auto* const known =
        std::find_if(std::begin(kNames), std::end(kNames),
                     [&name](const auto& entry) { return entry.name == name; });
    if (known == std::end(kNames)) {
      return absl::InvalidArgumentError(absl::StrCat("option format='", name, "' in '", url.text,
                                                     "' is neither json, text nor indented"));
    }
    format = known->format;
    url.query.erase(option);
  }
  const bool is_json = format.format() == MessageFormat::kJson;
  const auto batch = UrlOptions(url).flag_or_auto("batch");
  if (is_json && url.query.count("batch") == 0 && can_ask_for_batches(url)) {
    url.query["batch"] = "auto";
  }
  if (!is_json && batch == UrlOptions::Switch::kAuto) url.query.erase("batch");
  if (!is_json && batch == UrlOptions::Switch::kOn) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", url.text,
                     "' asks for another format than json in batched frames, which hold JSON; "
                     "leave out one of the two"));
  }
  return format;
}

absl::StatusOr<bool> take_ids(Url& url, bool preset) {
  const auto option = url.query.find("id");
  if (option == url.query.end()) return preset;
  Url only = url;
  only.query = {*option};
  UrlOptions options(only);
  const bool has_ids = options.flag("id");
  if (absl::Status status = options.status(); !status.ok()) return status;
  url.query.erase(option);
  return has_ids;
}

}  // namespace metlog
