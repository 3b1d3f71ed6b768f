#include "metlog/internal/config/value_path.h"

#include <algorithm>
#include <memory>

#include "metlog/internal/config/value_origin.h"
#include "metlog/internal/text/json_text.h"

namespace metlog {
namespace {

bool is_word(std::string_view key) {
  return !key.empty() && std::all_of(key.begin(), key.end(), [](char byte) {
    return byte == '_' || byte == '-' || (byte >= '0' && byte <= '9') ||
           (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  });
}

void name_path(Value& value, const std::string& path) {
  if (value.origin() == nullptr) {
    ValueOrigin origin;
    origin.key = path;
    value.set_origin(std::make_shared<const ValueOrigin>(std::move(origin)));
  }
  if (ValueMap* const map = value.as_map(); map != nullptr) {
    for (const auto& [key, ignored] : *map) name_path(*map->find(key), member_path(path, key));
  }
  if (ValueList* const list = value.as_list(); list != nullptr) {
    for (std::size_t i = 0; i < list->size(); ++i) name_path((*list)[i], item_path(path, i));
  }
}

}  // namespace

std::string member_path(std::string_view map, std::string_view key) {
  std::string path(map);
  if (!is_word(key)) return path.append("[\"").append(json_text(key)).append("\"]");
  return path.append(map.empty() ? "" : ".").append(key);
}

std::string item_path(std::string_view list, std::size_t index) {
  return std::string(list).append("[").append(std::to_string(index)).append("]");
}

void name_paths(ValueMap& dict) {
  for (const auto& [key, ignored] : dict) name_path(*dict.find(key), member_path("", key));
}

}  // namespace metlog
