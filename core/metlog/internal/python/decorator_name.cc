#include "metlog/internal/python/decorator_name.h"

#include "absl/strings/str_cat.h"

namespace metlog {
namespace {

std::string_view stem_of(std::string_view file) {
  file.remove_prefix(file.rfind('/') + 1);  // npos + 1 is 0
  return file.substr(0, file.find('.', 1));
}

// "&shop::Cart::total<int>" -> "total". Cuts parentheses around the name and everything after it.
std::string plain_name(std::string_view function) {
  constexpr std::string_view kAnonymous = "(anonymous namespace)::";
  const std::size_t anonymous = function.rfind(kAnonymous);
  if (anonymous != std::string_view::npos) function.remove_prefix(anonymous + kAnonymous.size());
  constexpr std::string_view kBefore = "&( \t";
  while (!function.empty() && kBefore.find(function.front()) != std::string_view::npos) {
    function.remove_prefix(1);
  }
  if (function.starts_with('[')) return "<lambda>";
  std::size_t end = function.find_first_of("<( )");
  if (end == std::string_view::npos) end = function.size();
  const std::size_t colons = function.rfind("::", end);
  const std::size_t begin = colons == std::string_view::npos ? 0 : colons + 2;
  return std::string(function.substr(begin, end - begin));
}

}  // namespace

DecoratorName::DecoratorName(std::string_view file, std::string function)
    : full_(stem_of(file)), short_(std::move(function)) {
  full_.append(1, '.').append(short_);
}

DecoratorName DecoratorName::of_function(std::string_view file, std::string_view function) {
  return {file, plain_name(function)};
}

DecoratorName DecoratorName::of_callable(std::string_view file, std::string_view type) {
  // Of g++ and of clang++.
  const bool is_lambda = type.find("<lambda") != std::string_view::npos ||
                         type.find("(lambda at ") != std::string_view::npos;
  if (is_lambda) return {file, "<lambda>"};
  return {file, plain_name(type)};
}

DecoratorName DecoratorName::of_place(const CallPlace& place) {
  return {place.file, absl::StrCat(place.function, ":", place.line)};
}

}  // namespace metlog
