#include "metlog/internal/site/format_check.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "metlog/internal/text/format_spec.h"
#include "metlog/internal/text/value_text.h"

namespace metlog {
namespace {

template <class... Types>
constexpr bool is_right(std::string_view format, Types... types) {
  return check_format(format, std::array<std::string_view, sizeof...(Types)>{types...}).what ==
         nullptr;
}

// Placeholders and arguments.
static_assert(is_right(""));
static_assert(is_right("text alone"));
static_assert(is_right("{}", "i"));
static_assert(is_right("{}{}", "i", "s"));
static_assert(is_right("{1}{0}{1}", "i", "s"));
static_assert(is_right("{{}}"));
static_assert(is_right("{{{}}}", "i"));
static_assert(!is_right("{}"));
static_assert(!is_right("", "i"));
static_assert(!is_right("{0}", "i", "i"));
static_assert(!is_right("{1}", "i"));
static_assert(!is_right("{0}{}", "i", "i"));
static_assert(!is_right("{}{0}", "i", "i"));
static_assert(!is_right("{", "i"));
static_assert(!is_right("}"));
static_assert(!is_right("{}}", "i"));
static_assert(!is_right("{{}", "i"));
static_assert(!is_right("{:", "i"));
static_assert(!is_right("{name}", "i"));
static_assert(is_right("{:{}}", "i", "i"));
static_assert(is_right("{:.{}f}", "d", "m"));
static_assert(is_right("{:>{}.{}}", "s", "i", "u"));
static_assert(is_right("{1:{0}}", "i", "s"));
static_assert(!is_right("{:{}}", "i"));
static_assert(!is_right("{:{}}", "i", "d"));
static_assert(!is_right("{:{}}", "i", "b"));
static_assert(!is_right("{:{}}", "i", "c"));
static_assert(!is_right("{:.{}}", "i", "i"));
static_assert(!is_right("{:{}.{}.{}f}", "d", "i", "i", "i"));
static_assert(!is_right("{65536}", "i"));
static_assert(!is_right("{99999999999999999999}", "i"));

// Specifications.
static_assert(is_right("{:>5}", "i"));
static_assert(is_right("{:*^+#012x}", "i"));
static_assert(is_right("{:.3f}", "d"));
static_assert(is_right("{:>10.3}", "s"));
static_assert(is_right("{:d}", "b"));
static_assert(is_right("{:x}", "c"));
static_assert(is_right("{:p}", "p"));
static_assert(!is_right("{:f}", "i"));
static_assert(!is_right("{:.3}", "i"));
static_assert(!is_right("{:d}", "d"));
static_assert(!is_right("{:d}", "s"));
static_assert(!is_right("{:+}", "s"));
static_assert(!is_right("{:x}", "p"));
static_assert(!is_right("{:.}", "d"));
static_assert(!is_right("{:99999}", "i"));
static_assert(!is_right("{:5}", "[i"));
static_assert(is_right("{:5}", "Dn"));
static_assert(!is_right("{:q}", "i"));
static_assert(is_right("{:\u00e9<5}", "i") && is_right("{:\U0001f600^5}", "s"));
static_assert(!is_right("{:\xff<5}", "i") && !is_right("{:\u00e9\u00e9<5}", "i"));
static_assert(is_right("{:+}{: }", "u", "m") && is_right("{:+d}", "b"));
static_assert(is_right("{:L}", "i") && is_right("{:.2Lf}", "d") && is_right("{:L}", "b"));
static_assert(!is_right("{:L}", "s") && !is_right("{:Lc}", "i"));
static_assert(is_right("{:?}", "s") && is_right("{:?}", "c") && !is_right("{:?}", "i"));
static_assert(!is_right("{:+c}", "i") && !is_right("{:#c}", "i") && is_right("{:5c}", "i"));
static_assert(is_right("{:40}{:<40}{:*^40}", "T", "Ud~", "Dn@"));
static_assert(!is_right("{:%F}", "T") && !is_right("{:.3}", "Es") && !is_right("{:+}", "Dn"));
static_assert(!is_right("{:00}", "i") && is_right("{:0}", "i") && is_right("{:9999.9999f}", "d"));

std::vector<std::string> all_specs() {
  std::vector<std::string> specs;
  for (const char* const align : {"", "<", "*^", ">"}) {
    for (const char* const sign : {"", "+", "-", " "}) {
      for (const char* const alternate : {"", "#"}) {
        for (const char* const width : {"", "0", "7", "07"}) {
          for (const char* const precision : {"", ".2"}) {
            for (const std::string type :
                 {"",  "a", "A", "b", "B", "c", "d", "e", "E", "f",  "F", "g",
                  "G", "o", "p", "s", "x", "X", "?", "L", "n", "Ld", "Lf"}) {
              specs.push_back(std::string(align) + sign + alternate + width + precision + type);
            }
          }
        }
      }
    }
  }
  return specs;
}

// A format that the compiler accepts must not be wrong when the flusher uses it.
TEST(FormatCheck, LetsNothingThroughThatTheFlusherCannotPrint) {
  const unsigned char value[16] = {65};
  std::vector<char> out(20'000);
  for (const std::string& spec : all_specs()) {
    for (const std::string_view type :
         {"b", "c", "C", "i", "u", "l", "m", "w", "W", "f", "d", "q", "p", "s", "T", "Dn", "t"}) {
      if (check_spec(spec, type).what != nullptr) continue;
      ByteCursor cursor(value, sizeof value);
      const char* const end = type == "s" ? append_text_with_spec(out.data(), spec, "text")
                                          : append_with_spec(out.data(), spec, type, cursor);
      const std::string_view text(out.data(), static_cast<std::size_t>(end - out.data()));
      EXPECT_FALSE(text.starts_with("{?")) << "{:" << spec << "} of type " << type;
    }
  }
}

TEST(FormatCheck, NamesWhatIsWrong) {
  const auto what = [](std::string_view format, auto... types) {
    return std::string(
        check_format(format, std::array<std::string_view, sizeof...(types)>{types...}).what);
  };
  EXPECT_EQ(what("{}"), "the format has more placeholders than the call has arguments");
  EXPECT_EQ(what("", "i"), "the call has more arguments than the format has placeholders");
  EXPECT_EQ(what("{} {0}", "i"), "{} and {0} cannot be mixed in one format");
  EXPECT_EQ(what("{", "i"), "a '{' in the format without its '}'; write '{{' for a brace");
  EXPECT_EQ(what("}"), "a single '}' in the format; write '}}' for a brace");
  EXPECT_EQ(what("{:f}", "i"), "an integer is printed with one of b B c d o x X");
  EXPECT_EQ(what("{:>5}", "(ii)"), "this type is printed with {} alone");
}

}  // namespace
}  // namespace metlog
