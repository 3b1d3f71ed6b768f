#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "metlog/internal/client/client_spec.h"
#include "metlog/internal/client/option_keys.h"
#include "metlog/internal/config/config_error.h"
#include "metlog/internal/config/typed_value.h"
#include "metlog/internal/engine/target.h"
#include "metlog/internal/flush/delivery_client.h"
#include "metlog/internal/text/nearest_name.h"
#include "metlog/providers.h"

namespace metlog {
namespace {

const std::vector<std::string_view> kKeys = {
    "url",  "level", "when_full", "optional", "filters",   "format",      "pattern",
    "time", "color", "add",       "numbers",  "pool_size", "batch_bytes", "batch_count"};

absl::Status check_names(const ValueMap& map) {
  for (const ValueEntry& entry : map) {
    if (check_keys({entry}, kKeys).ok()) continue;
    const std::string_view near = nearest_name(entry.key, kKeys);
    if (near.empty()) return check_keys({entry}, kKeys);
    return value_error(entry.key, entry.value,
                       std::string("is unknown here; did you mean '").append(near).append("'?"));
  }
  return absl::OkStatus();
}

bool has(const ValueMap& map, std::string_view key) {
  const Value* const value = map.find(key);
  return value != nullptr && !value->is_null();
}

/// The same error, preceded by the place. The lines of an INI option have no places of their own.
absl::Status at(const Value& item, const Value& all, const absl::Status& status) {
  Value placed = item;
  const ValueOrigin* const origin = item.origin();
  if ((origin == nullptr || origin->file.empty()) && all.origin() != nullptr) {
    placed.set_origin(std::make_shared<const ValueOrigin>(*all.origin()));
  }
  return value_error("destinations", placed, std::string(status.message()));
}

/// What a destination has in common with a client is read as a client's.
absl::Status read_members(const ValueMap& map, const ClientOptions& client, ClientOutput& output) {
  if (absl::Status status = check_names(map); !status.ok()) return status;
  if (has(map, "level")) {
    const absl::StatusOr<Severity> level = level_at(map, "level");
    if (!level.ok()) return level.status();
    output.level = *level;
  }
  if (has(map, "optional")) {
    const absl::StatusOr<bool> is_optional = bool_at(map, "optional");
    if (!is_optional.ok()) return is_optional.status();
    output.is_optional = *is_optional;
  }
  ClientOptions own = client;
  own.filters.clear();
  own.when_full = output.when_full;
  if (absl::Status status = read_client_keys(map, own); !status.ok()) return status;
  if (own.when_full == WhenFull::kGrow) {
    return value_error("when_full", *map.find("when_full"), "takes drop or block");
  }
  output.when_full = own.when_full;
  if (has(map, "pool_size")) output.pool_size = own.pool_size;
  if (has(map, "batch_bytes")) output.batch_bytes = own.batch_bytes;
  if (has(map, "batch_count")) output.batch_count = own.batch_count;
  if (absl::Status status = read_filters(map, own); !status.ok()) return status;
  output.filters = std::move(own.filters);
  if (absl::Status status = read_format_keys(map, {}, own); !status.ok()) return status;
  if (own.format.format() != client.format.format() ||
      own.format.options() != client.format.options()) {
    output.format = std::move(own.format);
  }
  return absl::OkStatus();
}

absl::StatusOr<ClientOutput> read_one(const Value& item, const ClientOptions& client) {
  constexpr std::string_view kTakes =
      "takes a URL, such as file:///var/log/app.jsonl?level=warning, or a map that has its url";
  if (const std::string* const url = item.as_text(); url != nullptr) {
    if (url->empty()) return value_error("destinations", item, kTakes);
    return ClientOutput(*url);
  }
  if (item.as_map() == nullptr || !has(*item.as_map(), "url")) {
    return value_error("destinations", item, kTakes);
  }
  const absl::StatusOr<std::string> url = text_at(*item.as_map(), "url");
  if (!url.ok()) return url.status();
  ClientOutput output(*url);
  const absl::Status status = read_members(*item.as_map(), client, output);
  return status.ok() ? absl::StatusOr<ClientOutput>(std::move(output)) : status;
}

}  // namespace

absl::StatusOr<std::vector<ClientOutput>> read_destinations(const Value& value,
                                                            const ClientOptions& options) {
  const ValueList items = value.as_list() != nullptr ? *value.as_list() : ValueList{value};
  if (items.empty() || items.size() > kMaxDestinations) {
    return value_error("destinations", value,
                       absl::StrCat("takes 1 to ", kMaxDestinations, " destinations"));
  }
  std::vector<ClientOutput> outputs;
  for (const Value& item : items) {
    absl::StatusOr<ClientOutput> output = read_one(item, options);
    if (!output.ok()) return output.status();
    if (absl::Status status = check_destination(*output, options); !status.ok()) {
      const std::string number =
          absl::StrCat("destination ", outputs.size() + 1, " of ", items.size(), ": ");
      return at(item, value, {status.code(), absl::StrCat(number, status.message())});
    }
    outputs.push_back(*std::move(output));
  }
  return outputs;
}

}  // namespace metlog
