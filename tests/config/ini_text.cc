#include "tests/config/ini_text.h"

#include <algorithm>

namespace metlog {
namespace {

std::string option_text(const IniOption& option) {
  // Without a blank: "rem = x" would be a comment.
  std::string text = option.name + "=";
  for (const char byte : option.value) {
    text += byte;
    if (byte == '\n') text += "  ";
  }
  return text + '\n';
}

std::string section_text(const IniSection& section) {
  std::string text = "[" + section.name;
  text += "]\n";
  for (const IniOption& option : section.options) text += option_text(option);
  return text;
}

bool is_same(const IniSection& one, const IniSection& other) {
  return one.name == other.name &&
         std::equal(one.options.begin(), one.options.end(), other.options.begin(),
                    other.options.end(), [](const IniOption& left, const IniOption& right) {
                      return left.name == right.name && left.value == right.value;
                    });
}

}  // namespace

std::string ini_text(const IniDocument& document) {
  std::string text = section_text(document.defaults());
  for (const IniSection& section : document.sections()) text += section_text(section);
  return text;
}

bool says_the_same(const IniDocument& one, const IniDocument& other) {
  return is_same(one.defaults(), other.defaults()) &&
         std::equal(one.sections().begin(), one.sections().end(), other.sections().begin(),
                    other.sections().end(), is_same);
}

}  // namespace metlog
