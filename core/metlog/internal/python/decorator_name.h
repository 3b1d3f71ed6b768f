#pragma once

#include <string>
#include <string_view>

#include "metlog/internal/site/type_concepts.h"

namespace metlog {

/// Where a call stands: as std::source_location has it, which clang++ 14 lacks.
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

/// What a decorator's messages are named: as given, or `module.function` from the stem of the
/// file's name and the function's own, without namespaces or class.
class DecoratorName {
 public:
  template <class T>
  requires Text<T> || CString<T> DecoratorName(const T& given) : full_(given), short_(full_) {}

  /// Of a function as the program's text names it, `&Cart::total`; a lambda's is `<lambda>`.
  static DecoratorName of_function(std::string_view file, std::string_view function);
  /// Of the lambda or other callable whose mangled type this is.
  static DecoratorName of_callable(std::string_view file, const char* mangled_type);
  /// Of a function that is known by its address alone: where it was wrapped, `shop.main:42`.
  static DecoratorName of_place(const CallPlace& place);

  [[nodiscard]] const std::string& full() const { return full_; }
  /// What `disabled_timers` is asked for when the decorator is bound: a given name as it is, else
  /// the function's alone.
  [[nodiscard]] const std::string& short_name() const { return short_; }

 private:
  DecoratorName(std::string_view file, std::string function);

  std::string full_;
  std::string short_;
};

}  // namespace metlog
