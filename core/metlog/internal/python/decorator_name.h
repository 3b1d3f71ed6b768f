#pragma once

#include <string>
#include <string_view>

#include "metlog/internal/site/type_concepts.h"

namespace metlog {

/// The place of a call, in place of std::source_location, which clang++ 14 lacks.
struct CallPlace {
  const char* file;
  const char* function;
  unsigned line;

  static constexpr CallPlace here(const char* file = __builtin_FILE(),
                                  const char* function = __builtin_FUNCTION(),
                                  unsigned line = __builtin_LINE()) {
    return {file, function, line};
  }
};

/// The name of a decorator's messages: the given one, or `module.function` from the stem of the
/// file name and the function's name without namespaces and class.
class DecoratorName {
 public:
  template <class T>
  requires Text<T> || CString<T> DecoratorName(const T& given) : full_(given), short_(full_) {}

  /// Names a function by its expression in the source, `&Cart::total`; a lambda is `<lambda>`.
  static DecoratorName of_function(std::string_view file, std::string_view function);
  /// Names a lambda or other callable by its type as the compiler writes it.
  static DecoratorName of_callable(std::string_view file, std::string_view type);
  /// Names a function of which only the address is known by the place of its wrapping:
  /// `shop.main:42`.
  static DecoratorName of_place(const CallPlace& place);

  [[nodiscard]] const std::string& full() const { return full_; }
  /// Returns the name that `disabled_timers` is searched for when the decorator is bound: the given
  /// name, or that of the function alone.
  [[nodiscard]] const std::string& short_name() const { return short_; }

 private:
  DecoratorName(std::string_view file, std::string function);

  std::string full_;
  std::string short_;
};

}  // namespace metlog
