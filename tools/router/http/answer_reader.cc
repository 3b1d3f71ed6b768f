#include "tools/router/http/answer_reader.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tools/router/http/retry.h"

namespace metlog {
namespace {

constexpr std::size_t kShownBytes = 300;

absl::string_view to_absl(std::string_view text) { return {text.data(), text.size()}; }

bool is_about_the_body(int status) { return status == 400 || status == 413 || status == 422; }

}  // namespace

std::optional<std::string_view> HttpAnswer::header(std::string_view name) const {
  for (const std::string& line : headers) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::string_view text = line;
    if (!absl::EqualsIgnoreCase(to_absl(text.substr(0, colon)), to_absl(name))) continue;
    const absl::string_view value = absl::StripAsciiWhitespace(to_absl(text.substr(colon + 1)));
    return std::string_view(value.data(), value.size());
  }
  return std::nullopt;
}

BodyResult StatusReader::read(const HttpAnswer& answer, std::span<ItemResult> items) {
  using Kind = BodyResult::Kind;
  BodyResult result;
  if (answer.status >= 200 && answer.status < 300) {
    result = read_success(answer, items);
  } else if (is_temporary(answer.status)) {
    result.kind = Kind::kAgain;
    if (const auto text = answer.header("retry-after")) {
      result.pause =
          parse_retry_after(*text, std::chrono::system_clock::now()).value_or(result.pause);
    }
  } else if (is_about_the_body(answer.status)) {
    result.kind = Kind::kSplit;
    if (answer.status == 413) result.reason = LossReason::kTooLong;
  } else {
    result.kind = Kind::kRefused;
  }
  return result;
}

bool StatusReader::is_temporary(int status) const {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

std::string describe(const HttpAnswer& answer) {
  if (answer.status == 0) return answer.error;
  const absl::string_view text =
      absl::StripAsciiWhitespace(to_absl(std::string_view(answer.body).substr(0, kShownBytes)));
  return text.empty() ? absl::StrCat("HTTP ", answer.status)
                      : absl::StrCat("HTTP ", answer.status, ": ", text);
}

}  // namespace metlog
