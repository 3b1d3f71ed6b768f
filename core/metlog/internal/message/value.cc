#include "metlog/value.h"

#include <algorithm>
#include <array>

namespace metlog {

ValueMap::ValueMap() = default;
ValueMap::ValueMap(std::initializer_list<ValueEntry> entries) {
  for (const auto& [key, value] : entries) set(key, value);
}
ValueMap::ValueMap(const ValueMap& other) = default;
ValueMap::ValueMap(ValueMap&& other) noexcept = default;
ValueMap& ValueMap::operator=(const ValueMap& other) = default;
ValueMap& ValueMap::operator=(ValueMap&& other) noexcept = default;
ValueMap::~ValueMap() = default;

const Value* ValueMap::find(std::string_view key) const {
  for (const ValueEntry& entry : entries_) {
    if (entry.key == key) return &entry.value;
  }
  return nullptr;
}

Value* ValueMap::find(std::string_view key) {
  return const_cast<Value*>(static_cast<const ValueMap*>(this)->find(key));
}

Value& ValueMap::set(std::string_view key, Value value) {
  if (Value* const present = find(key); present != nullptr) return *present = std::move(value);
  return entries_.emplace_back(ValueEntry{std::string(key), std::move(value)}).value;
}

bool ValueMap::erase(std::string_view key) {
  return std::erase_if(entries_, [&](const ValueEntry& entry) { return entry.key == key; }) != 0;
}

std::size_t ValueMap::size() const { return entries_.size(); }
const ValueEntry* ValueMap::begin() const { return entries_.data(); }
const ValueEntry* ValueMap::end() const { return entries_.data() + entries_.size(); }

bool operator==(const ValueMap& one, const ValueMap& other) {
  return one.size() == other.size() &&
         std::all_of(one.begin(), one.end(), [&](const ValueEntry& entry) {
           const Value* const counterpart = other.find(entry.key);
           return counterpart != nullptr && *counterpart == entry.value;
         });
}

bool operator==(const Value& one, const Value& other) { return one.data_ == other.data_; }

std::string_view name_of(Value::Kind kind) {
  constexpr std::array<std::string_view, 8> kNames = {"null", "bool", "integer", "integer",
                                                      "real", "text", "list",    "map"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace metlog
