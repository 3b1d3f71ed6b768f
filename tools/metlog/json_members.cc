#include "tools/metlog/json_members.h"

#include <algorithm>

#include "tools/router/decode/value_scan.h"

namespace metlog {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

/// The length of the string that the text begins with, its quotes counted.
std::size_t string_length(std::string_view text) {
  std::size_t at = 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

std::size_t value_length(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] == '"') return string_length(text);
  const std::size_t end = end_of_first_value(text);
  return std::min(end == std::string_view::npos ? text.find_first_of(",}] \t\r\n") : end,
                  text.size());
}

}  // namespace

void JsonMembers::skip(std::string_view also) {
  while (!rest_.empty() && (kBlanks.find(rest_[0]) != std::string_view::npos ||
                            also.find(rest_[0]) != std::string_view::npos)) {
    rest_.remove_prefix(1);
  }
}

std::string_view JsonMembers::take(std::size_t size) {
  const std::string_view taken = rest_.substr(0, size);
  rest_.remove_prefix(taken.size());
  return taken;
}

bool JsonMembers::next(JsonMember& member) {
  skip(",");
  if (rest_.empty() || rest_[0] != '"') return false;
  const std::string_view quoted = take(string_length(rest_));
  member.key = quoted.substr(1, std::max<std::size_t>(quoted.size(), 2) - 2);
  skip(":");
  member.value = take(value_length(rest_));
  return true;
}

std::string_view json_member(std::string_view object, std::string_view key) {
  JsonMembers members(object);
  JsonMember member;
  while (members.next(member)) {
    if (member.key == key) return member.value;
  }
  return {};
}

}  // namespace metlog
