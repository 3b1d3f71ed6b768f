#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tools/router/config/settings.h"
#include "tools/router/match/tag_rules.h"

namespace metlog {

/// Reads what a configuration says of tags, in this order: `tags` of each [input.NAME], each
/// [filter.NAME] in the order of the file, `tags` of each [output.NAME]. A condition on a tag that
/// nothing before it gives is an error. Used by one thread.
class TagFilters {
 public:
  /// The tags that an input gives.
  std::vector<std::string> read_input(Settings& input);
  /// A filter; `name`, of the section, is its type where none is written.
  void read_filter(const std::string& name, Settings& filter);
  /// The tags that an output's messages must have; 0 when it names none.
  std::uint64_t read_output(Settings& output);

  /// What was read; null when no condition asks for a tag.
  [[nodiscard]] std::shared_ptr<const TagRules> rules() const;

 private:
  std::vector<std::string> read_tags(Settings& settings, std::string_view key);
  std::uint64_t read_condition(Settings& settings);
  std::uint64_t bit_of(Settings& settings, const std::string& tag);
  void read_tagger(Settings& filter, TagRules::Rule& rule);
  void give(std::vector<std::string> tags, TagRules::Rule& rule);

  std::vector<std::string> given_;  // so far
  bool gives_any_ = false;          // by a template, which may give every tag
  std::map<std::string, std::uint64_t, std::less<>> bits_;
  std::vector<TagRules::Rule> rules_;
};

}  // namespace metlog
