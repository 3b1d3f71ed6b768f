#include "tools/router/backend/otlp_reader.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace metlog {
namespace {

using simdjson::SUCCESS;
using simdjson::dom::element;
using simdjson::dom::object;

/// A 64-bit integer, which OTLP writes as text; 0 when it is none.
std::int64_t integer_of(const element& value) {
  std::int64_t number = 0;
  std::string_view text;
  if (value.get(number) == SUCCESS) return number;
  const bool is_text = value.get(text) == SUCCESS;
  return is_text && absl::SimpleAtoi(absl::string_view(text.data(), text.size()), &number) ? number
                                                                                           : 0;
}

std::string_view text_of(const object& members, const char* name, const char* other_name) {
  std::string_view text;
  const bool is_there =
      members[name].get(text) == SUCCESS || members[other_name].get(text) == SUCCESS;
  return is_there ? text : std::string_view();
}

}  // namespace

BodyResult OtlpReader::read_success(const HttpAnswer& answer, std::span<ItemResult> items) {
  simdjson::dom::parser parser;
  element root;
  object partial;
  // A receiver that says nothing of its own has taken all: the status is the answer.
  if (parser.parse(answer.body).get(root) != SUCCESS) return {};
  if (root["partialSuccess"].get(partial) != SUCCESS &&
      root["partial_success"].get(partial) != SUCCESS) {
    return {};
  }
  std::int64_t rejected = 0;
  for (const char* const name : {"rejectedLogRecords", "rejectedDataPoints", "rejected_log_records",
                                 "rejected_data_points"}) {
    element value;
    if (partial[name].get(value) == SUCCESS) rejected = std::max(rejected, integer_of(value));
  }
  if (rejected <= 0) return {};  // a message without a number is a warning
  const std::string_view why = text_of(partial, "errorMessage", "error_message");
  const std::string detail = why.empty() ? "the receiver does not say why" : std::string(why);
  if (signal_ == Signal::kLogs) {
    return {.kind = BodyResult::Kind::kPartly,
            .refused = static_cast<std::size_t>(rejected),
            .detail = detail};
  }
  return {.kind = BodyResult::Kind::kPartly,
          .refused = items.size(),
          .detail = absl::StrCat(rejected, " points rejected: ", detail)};
}

}  // namespace metlog
