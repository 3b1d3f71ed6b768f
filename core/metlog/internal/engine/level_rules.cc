#include "metlog/internal/engine/level_rules.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "metlog/internal/config/text.h"
#include "metlog/internal/text/severity_names.h"

namespace metlog {
namespace {

constexpr std::string_view kAll = "*";

std::string_view trimmed(std::string_view text) {
  const absl::string_view inner =
      absl::StripAsciiWhitespace(absl::string_view(text.data(), text.size()));
  return {inner.data(), inner.size()};
}

absl::Status error_about(std::string_view part, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(quote_excerpt(part), ": ", absl::string_view(what.data(), what.size())));
}

absl::StatusOr<Severity> read_level(std::string_view part, std::string_view text) {
  if (const std::optional<Severity> level = parse_level(text)) return *level;
  if (text.empty()) return error_about(part, "the level is missing, as in db=debug");
  const std::string_view near = nearest_level(text);
  const std::string hint = near.empty() ? "; levels are " + level_choices()
                                        : "; did you mean " + std::string(near) + "?";
  return error_about(part, quote_excerpt(text) + " is no level" + hint);
}

}  // namespace

absl::Status LevelRules::check_name(std::string_view name) {
  if (name == kAll) return absl::OkStatus();
  const bool is_word = std::all_of(name.begin(), name.end(), [](char byte) {
    return byte != '=' && byte != ',' && byte != '*' && static_cast<unsigned char>(byte) > ' ';
  });
  const bool has_empty_part = name.empty() || name.front() == '.' || name.back() == '.' ||
                              name.find("..") != std::string_view::npos;
  if (is_word && !has_empty_part) return absl::OkStatus();
  return error_about(name,
                     "is no name of a logger, such as db or db.pool, and not * for all; a name "
                     "covers those below it");
}

absl::StatusOr<LevelRules> LevelRules::parse(std::string_view text) {
  LevelRules rules;
  for (std::string_view left = text; !left.empty();) {
    const std::size_t end = std::min(left.find(','), left.size());
    const std::string_view part = trimmed(left.substr(0, end));
    left.remove_prefix(std::min(end + 1, left.size()));
    if (part.empty()) continue;
    const std::size_t equals = part.find('=');
    const bool is_alone = equals == std::string_view::npos;
    const std::string_view name = is_alone ? kAll : trimmed(part.substr(0, equals));
    if (absl::Status status = check_name(name); !status.ok()) return status;
    const absl::StatusOr<Severity> level =
        read_level(part, is_alone ? part : trimmed(part.substr(equals + 1)));
    if (!level.ok()) return level.status();
    rules.set(name, *level);
  }
  return rules;
}

void LevelRules::merge(const LevelRules& other) {
  for (const auto& [name, level] : other.by_name_) by_name_[name] = level;
}

bool LevelRules::remove(std::string_view name) {
  const auto found = by_name_.find(name);
  if (found == by_name_.end()) return false;
  by_name_.erase(found);
  return true;
}

std::optional<Severity> LevelRules::at(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<Severity> LevelRules::of(std::string_view logger) const {
  for (std::string_view name = logger.empty() ? kAll : logger; !name.empty(); name = above(name)) {
    if (const std::optional<Severity> level = at(name)) return level;
  }
  return std::nullopt;
}

std::string_view LevelRules::above(std::string_view name) {
  if (name == kAll) return {};
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? kAll : name.substr(0, dot);
}

std::string LevelRules::text() const {
  std::string text;
  for (const auto& [name, level] : by_name_) {
    text.append(text.empty() ? "" : ",").append(name).append("=").append(level_word(level));
  }
  return text;
}

}  // namespace metlog
