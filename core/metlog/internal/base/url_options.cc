#include "metlog/internal/base/url_options.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace metlog {

std::int64_t UrlOptions::number(const std::string& name, const Range& range) {
  const std::string* text = find(name);
  if (text == nullptr) return range.preset;
  std::int64_t value = 0;
  if (absl::SimpleAtoi(*text, &value) && value >= range.lowest && value <= range.highest) {
    return value;
  }
  refuse(name, absl::StrCat("is not in ", range.lowest, "..", range.highest));
  return range.preset;
}

std::chrono::milliseconds UrlOptions::milliseconds(const std::string& name, std::int64_t preset) {
  constexpr std::int64_t kHourMs = 3'600'000;
  return std::chrono::milliseconds(number(name, {0, kHourMs, preset}));
}

std::chrono::milliseconds UrlOptions::seconds(const std::string& name,
                                              std::chrono::milliseconds preset) {
  constexpr double kShortest = 0.01;
  constexpr double kDay = 86'400;
  const std::string* text = find(name);
  if (text == nullptr) return preset;
  double value = 0;
  if (absl::SimpleAtod(*text, &value) && value >= kShortest && value <= kDay) {
    return std::chrono::round<std::chrono::milliseconds>(std::chrono::duration<double>(value));
  }
  refuse(name, absl::StrCat("is not in ", kShortest, "..", kDay, " seconds"));
  return preset;
}

std::string UrlOptions::text(const std::string& name) {
  const std::string* text = find(name);
  return text == nullptr ? "" : *text;
}

bool UrlOptions::flag(const std::string& name) {
  const std::string* text = find(name);
  if (text == nullptr || *text == "0" || *text == "false") return false;
  if (!text->empty() && *text != "1" && *text != "true") refuse(name, "is neither 0 nor 1");
  return true;
}

void UrlOptions::only_if(bool is_wanted, const std::string& name, const std::string& needed) {
  if (!is_wanted && has(name)) refuse(name, absl::StrCat("needs ", needed));
}

absl::Status UrlOptions::status() const {
  if (!first_error_.ok()) return first_error_;
  for (const auto& [name, value] : url_.query) {
    if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
    const std::string known =
        known_.empty() ? "takes none" : absl::StrCat("takes ", absl::StrJoin(known_, ", "));
    return absl::InvalidArgumentError(absl::StrCat("unknown option '", name, "' in '", url_.text,
                                                   "'; ", url_.scheme, ": ", known));
  }
  return absl::OkStatus();
}

const std::string* UrlOptions::find(const std::string& name) {
  known_.push_back(name);
  const auto found = url_.query.find(name);
  return found == url_.query.end() ? nullptr : &found->second;
}

void UrlOptions::refuse(const std::string& name, const std::string& rule) {
  if (!first_error_.ok()) return;
  first_error_ = absl::InvalidArgumentError(
      absl::StrCat("option ", name, "='", url_.query.at(name), "' in '", url_.text, "' ", rule));
}

}  // namespace metlog
