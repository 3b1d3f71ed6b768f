#include "tools/router/match/tag_rules.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace metlog {
namespace {

constexpr std::string_view kOpen = "%{";

}  // namespace

bool is_tag_template(std::string_view tag) {
  const std::size_t open = tag.find(kOpen);
  return open != std::string_view::npos && tag.find('}', open) != std::string_view::npos;
}

TagRules::TagRules(std::map<std::string, std::uint64_t, std::less<>> bits, std::vector<Rule> rules)
    : bits_(std::move(bits)) {
  for (Rule& rule : rules) {
    Compiled compiled;
    for (const std::string& tag : rule.gives) {
      if (is_tag_template(tag)) {
        compiled.templates.push_back(parse_template(tag));
      } else if (const auto found = bits_.find(tag); found != bits_.end()) {
        compiled.gives |= found->second;
      }
    }
    compiled.rule = std::move(rule);
    rules_.push_back(std::move(compiled));
  }
}

TagRules::Template TagRules::parse_template(std::string_view text) {
  Template pieces(1);
  while (!text.empty()) {
    const std::size_t open = std::min(text.find(kOpen), text.size());
    const std::size_t close = text.find('}', open);
    if (close == std::string_view::npos) break;
    std::optional<MessagePath> path =
        MessagePath::parse(text.substr(open + kOpen.size(), close - open - kOpen.size()));
    pieces.back().text += text.substr(0, path.has_value() ? open : close + 1);
    if (path.has_value()) {
      pieces.back().path = std::move(path);
      pieces.back().source = text.substr(open, close + 1 - open);
      pieces.emplace_back();
    }
    text.remove_prefix(close + 1);
  }
  pieces.back().text += text;
  return pieces;
}

std::uint64_t TagRules::bits_of(const std::vector<std::string>& tags) const {
  std::uint64_t bits = 0;
  for (const std::string& tag : tags) {
    if (const auto found = bits_.find(tag); found != bits_.end()) bits |= found->second;
  }
  return bits;
}

std::uint64_t TagRules::tags_of(const DecodedMessage& message, std::uint64_t tags) const {
  for (const Compiled& compiled : rules_) {
    const Rule& rule = compiled.rule;
    if ((rule.needs & ~tags) != 0 || (rule.has_none_of & tags) != 0) continue;
    const bool gives_more = (compiled.gives & ~tags) != 0 || !compiled.templates.empty();
    if (!gives_more || !(rule.takes_any || fits(rule, message))) continue;
    tags |= compiled.gives;
    for (const Template& tag : compiled.templates) tags |= bit_of(tag, message);
  }
  return tags;
}

bool TagRules::fits(const Rule& rule, const DecodedMessage& message) {
  MessagePath::Digits digits;
  return std::any_of(rule.patterns.begin(), rule.patterns.end(), [&](const Pattern& pattern) {
    const std::optional<MessagePath::Found> found = pattern.path.find(message, digits);
    return found.has_value() &&
           std::any_of(pattern.texts.begin(), pattern.texts.end(), [&](const std::string& wanted) {
             return wanted == "*" || wanted == found->text;
           });
  });
}

std::uint64_t TagRules::bit_of(const Template& tag, const DecodedMessage& message) const {
  thread_local std::string text;
  text.clear();
  MessagePath::Digits digits;
  for (const Piece& piece : tag) {
    text += piece.text;
    if (!piece.path.has_value()) continue;
    const std::optional<MessagePath::Found> found = piece.path->find(message, digits);
    text += found.has_value() && found->is_there ? found->text : piece.source;
  }
  const auto found = bits_.find(text);
  return found == bits_.end() ? 0 : found->second;
}

}  // namespace metlog
