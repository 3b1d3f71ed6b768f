#include "metlog/internal/config/json_tokens.h"

#include <algorithm>

namespace metlog {
namespace {

constexpr std::string_view kBetween = " \t\r\n,:";
constexpr std::string_view kEndsWord = " \t\r\n,:{}[]\"";

}  // namespace

std::size_t json_string_length(std::string_view text) {
  for (std::size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return text.size();
}

std::string_view JsonTokens::next() {
  for (; end_ < text_.size() && kBetween.find(text_[end_]) != std::string_view::npos; ++end_) {
    if (text_[end_] == '\n') ++line_;
  }
  at_ = end_;
  const std::string_view rest = text_.substr(at_);
  if (rest.empty()) return rest;
  if (rest[0] == '"') {
    end_ += json_string_length(rest);
  } else {
    end_ += std::clamp<std::size_t>(rest.find_first_of(kEndsWord), 1, rest.size());
  }
  return text_.substr(at_, end_ - at_);
}

}  // namespace metlog
