#include "tools/router/config/tag_filters.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace metlog {
namespace {

// The tag of a catchall, whatever else it gives.
constexpr std::string_view kCatchallTag = "filter-catchall";
constexpr std::string_view kAddTag = "add_tag";

bool is_in(const std::vector<std::string>& tags, const std::string& tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

}  // namespace

std::vector<std::string> TagFilters::read_tags(Settings& settings, std::string_view key) {
  std::vector<std::string> tags;
  for (std::string& tag : settings.texts(key)) {
    if (tag.empty()) {
      settings.refuse(key, "has an empty tag; remove it");
    } else if (is_in(tags, tag)) {
      settings.refuse(key, fmt::format("names \"{}\" twice; remove one", tag));
    } else {
      tags.push_back(std::move(tag));
    }
  }
  return tags;
}

std::uint64_t TagFilters::bit_of(Settings& settings, const std::string& tag) {
  if (!gives_any_ && !is_in(given_, tag)) {
    const std::vector<std::string_view> names(given_.begin(), given_.end());
    settings.refuse("tags",
                    fmt::format("names \"{}\", which no input and no filter before this gives "
                                "to messages{}",
                                tag, did_you_mean(tag, names)));
  }
  const auto found = bits_.find(tag);
  if (found != bits_.end()) return found->second;
  if (bits_.size() == TagRules::kMaxTags) {
    settings.refuse("tags",
                    fmt::format("names \"{}\", but conditions ask for {} tags already, which "
                                "is all that are possible",
                                tag, TagRules::kMaxTags));
    return 0;
  }
  return bits_[tag] = std::uint64_t{1} << bits_.size();
}

std::uint64_t TagFilters::read_condition(Settings& settings) {
  std::uint64_t bits = 0;
  for (const std::string& tag : read_tags(settings, "tags")) bits |= bit_of(settings, tag);
  return bits;
}

void TagFilters::give(std::vector<std::string> tags, TagRules::Rule& rule) {
  for (std::string& tag : tags) {
    gives_any_ = gives_any_ || is_tag_template(tag);
    given_.push_back(tag);
    rule.gives.push_back(std::move(tag));
  }
}

std::vector<std::string> TagFilters::read_input(Settings& input) {
  std::vector<std::string> tags = read_tags(input, "tags");
  given_.insert(given_.end(), tags.begin(), tags.end());
  return tags;
}

void TagFilters::read_filter(const std::string& name, Settings& filter) {
  enum class Type : std::uint8_t { kTagger, kCatchall };
  TagRules::Rule rule;
  Type type = Type::kTagger;
  if (filter.has("type") || (name != "tagger" && name != "catchall")) {
    if (!filter.has("type")) filter.miss("type", "one of catchall, tagger, in quotes");
    type = filter.one_of("type", {{"catchall", Type::kCatchall}, {"tagger", Type::kTagger}}, type);
  } else if (name == "catchall") {
    type = Type::kCatchall;
  }
  const std::vector<std::string> keys = filter.keys();
  if (is_in(keys, "add_field")) {  // not asked for, for it is none of the known ones
    filter.refuse("add_field", "is not possible: messages are passed on as they were received");
  }
  const std::uint64_t condition = read_condition(filter);
  if (type == Type::kCatchall) {
    rule.has_none_of = condition;
    rule.takes_any = true;
    give({std::string(kCatchallTag)}, rule);
  } else {
    rule.needs = condition;
    read_tagger(filter, rule);
    if (!filter.has(kAddTag)) filter.miss(kAddTag, "[\"statsd\"]");
  }
  give(read_tags(filter, kAddTag), rule);
  rules_.push_back(std::move(rule));
}

void TagFilters::read_tagger(Settings& filter, TagRules::Rule& rule) {
  Settings* const pattern = filter.is_table("pattern") ? filter.table("pattern") : nullptr;
  if (pattern == nullptr || pattern->keys().empty()) {
    if (filter.has("pattern") && pattern == nullptr) {
      filter.refuse("pattern", "is no table; write { type = [\"timer\", \"counter\"] }");
    } else if (pattern == nullptr) {
      filter.miss("pattern", "{ type = [\"timer\", \"counter\"] }");
    } else {
      filter.refuse("pattern", "is empty, so no message fits; write { type = \"timer\" }");
    }
    return;
  }
  for (const std::string& key : pattern->keys()) {
    std::optional<MessagePath> path = MessagePath::parse(key);
    std::vector<std::string> texts = pattern->texts(key);
    if (!path.has_value()) {
      pattern->refuse(key,
                      "is at no path; write keys with a slash between them, as \"fields/name\"");
      continue;
    }
    if (pattern->is_empty_list(key))
      pattern->refuse(key, "has no text; write one, or \"*\" for any");
    rule.patterns.push_back({*std::move(path), std::move(texts)});
  }
}

std::uint64_t TagFilters::read_output(Settings& output) { return read_condition(output); }

std::shared_ptr<const TagRules> TagFilters::rules() const {
  return bits_.empty() ? nullptr : std::make_shared<const TagRules>(bits_, rules_);
}

}  // namespace metlog
