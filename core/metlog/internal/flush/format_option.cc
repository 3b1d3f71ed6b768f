#include "metlog/internal/flush/format_option.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace metlog {
namespace {

struct Query {
  std::vector<absl::string_view> rest;     // the senders' options
  std::vector<absl::string_view> formats;  // the values of ours
  bool is_batched = false;
};

Query split_query(absl::string_view text) {
  Query query;
  for (absl::string_view option : absl::StrSplit(text, '&', absl::SkipEmpty())) {
    absl::string_view value = option;
    if (absl::ConsumePrefix(&value, "format=") || value == "format") {
      query.formats.push_back(value == "format" ? "" : value);
      continue;
    }
    query.rest.push_back(option);
    if (option == "batch" || option == "batch=1" || option == "batch=true") query.is_batched = true;
  }
  return query;
}

constexpr struct {
  absl::string_view name;
  MessageFormat format;
} kNames[] = {{"json", MessageFormat::kJson},
              {"text", MessageFormat::kText},
              {"indented", MessageFormat::kIndented}};

}  // namespace

absl::StatusOr<FormattedUrl> take_format(std::string_view url, const Formatter& preset) {
  const std::string text(url);
  const absl::string_view whole(text);
  const std::size_t question = whole.find('?');
  if (question == absl::string_view::npos) return FormattedUrl{text, preset};
  const Query query = split_query(whole.substr(question + 1));
  FormattedUrl taken{text, preset};
  if (query.formats.size() > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat("option 'format' stands twice in '", text, "'; keep one"));
  }
  if (!query.formats.empty()) {
    const absl::string_view name = query.formats.front();
    const auto* const known =
        std::find_if(std::begin(kNames), std::end(kNames),
                     [name](const auto& entry) { return entry.name == name; });
    if (known == std::end(kNames)) {
      return absl::InvalidArgumentError(absl::StrCat("option format='", name, "' in '", text,
                                                     "' is neither json, text nor indented"));
    }
    taken.format = known->format;
    taken.url = absl::StrCat(whole.substr(0, question), query.rest.empty() ? "" : "?",
                             absl::StrJoin(query.rest, "&"));
  }
  if (query.is_batched && taken.format.format() != MessageFormat::kJson) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", text,
                     "' asks for another format than json in batched frames, which hold JSON; "
                     "leave out one of the two"));
  }
  return taken;
}

}  // namespace metlog
