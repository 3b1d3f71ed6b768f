#include "tools/router/backend/elasticsearch.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace metlog {
namespace {

using simdjson::SUCCESS;
using simdjson::dom::element;
using simdjson::dom::object;

absl::string_view to_absl(std::string_view text) { return {text.data(), text.size()}; }

bool is_delivered(std::int64_t status) { return (status >= 200 && status < 300) || status == 409; }

std::string_view text_of(const simdjson::simdjson_result<element>& value) {
  std::string_view text;
  return value.get(text) == SUCCESS ? text : std::string_view();
}

/// "400 mapper_parsing_exception: failed to parse field [a]".
std::string reason_of(std::int64_t status, const object& result) {
  std::string text = absl::StrCat(status);
  object error;
  if (result["error"].get(error) != SUCCESS) return text;
  absl::StrAppend(&text, " ", to_absl(text_of(error["type"])), ": ",
                  to_absl(text_of(error["reason"])));
  const std::string_view cause = text_of(error["caused_by"]["reason"]);
  if (!cause.empty()) absl::StrAppend(&text, ": ", to_absl(cause));
  return text;
}

/// Reads {"create":{"status":201}}; false when it is no such thing.
bool read_item(const element& item, ItemResult& result) {
  object action;
  object outcome;
  std::int64_t status = 0;
  if (item.get(action) != SUCCESS || action.size() != 1) return false;
  const auto [name, value] = *action.begin();
  if (value.get(outcome) != SUCCESS || outcome["status"].get(status) != SUCCESS) return false;
  if (is_delivered(status)) return true;
  result.kind =
      status == 429 || status >= 500 ? ItemResult::Kind::kAgain : ItemResult::Kind::kRefused;
  result.detail = reason_of(status, outcome);
  return true;
}

}  // namespace

std::string index_name(std::string_view text) {
  constexpr std::string_view kExcluded = "\\/*?\"<>| ,#:";
  std::string name;
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    const bool is_kept =
        code > 0x20 && code < 0x7f && kExcluded.find(byte) == std::string_view::npos;
    name += is_kept ? absl::ascii_tolower(code) : '_';
  }
  name.erase(0, std::min(name.find_first_not_of("-_+."), name.size()));
  if (name.size() > BulkBody::kMaxIndexBytes) name.resize(BulkBody::kMaxIndexBytes);
  return name;
}

bool BulkBody::add(const BodyItem& item, std::string& body) {
  const DecodedMessage* const message = messages_.decode(item.message);
  if (message == nullptr) return false;
  name_.clear();
  index_.append_to(name_, *message);
  const std::string index = index_name(name_);
  const std::optional<std::string> document = documents_.text_of(*message);
  if (index.empty() || !document.has_value()) return false;
  // Neither has anything to escape.
  absl::StrAppend(&body, R"({"create":{"_index":")", index, R"(","_id":")", id_of(item), "\"}}\n",
                  *document, "\n");
  return true;
}

BodyResult BulkReader::read_success(const HttpAnswer& answer, std::span<ItemResult> items) {
  BodyResult unknown{.kind = BodyResult::Kind::kAgain,
                     .detail = "an answer without a result for each message"};
  simdjson::dom::parser parser;
  element root;
  simdjson::dom::array results;
  bool has_errors = false;
  if (answer.is_cut || parser.parse(answer.body).get(root) != SUCCESS) return unknown;
  if (root["errors"].get(has_errors) != SUCCESS) return unknown;
  if (!has_errors) return {};
  if (root["items"].get(results) != SUCCESS || results.size() != items.size()) return unknown;
  std::size_t i = 0;
  for (const element item : results) {
    if (!read_item(item, items[i++])) return unknown;
  }
  return {.kind = BodyResult::Kind::kItems};
}

}  // namespace metlog
