// The examples of docs/formats.md are what the formats write.

#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "metlog/internal/codec/layouts.h"
#include "tests/support/fake_clock.h"
#include "tests/support/test_engine.h"

namespace metlog::shop {
namespace {

std::string document() {
  std::ifstream file(METLOG_FORMATS_DOCUMENT);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

#line 41 "src/orders.cc"
void pay(Client& log) {
  METLOG_WARN(log, "slow query {}", 7, kv("table", "orders"), kv("ms", 41.5));
}
#line 45 "tests/codec/formats_document_test.cc"

/// The example's message in a format, as another process would have made it.
std::string example(const Formatter& format) {
  TestEngine test({.client = {.logger = "shop", .format = format}});
  pay(test.log());
  std::string message = test.settle().at(0);
  const std::string tid = std::to_string(syscall(SYS_gettid));
  replace_all(message, tid, "4711");
  replace_all(message, "formats_test", "shopd");
  replace_all(message, "metlog::shop::pay", "shop::pay");
  return message;
}

TEST(FormatsDocument, ShowsWhatEachFormatWrites) {
  const std::string text = document();
  ASSERT_FALSE(text.empty());
  for (const FormatName& known : kFormatNames) {
    if (shows_metrics_only(known.format)) continue;
    const bool has_lines = known.format != MessageFormat::kIndented;
    FormatOptions options;
    options.utc = known.format == MessageFormat::kPattern;
    const std::string shown = example({known.format, options});
    if (has_lines) {
      EXPECT_NE(text.find("\n" + shown + "\n"), std::string::npos) << known.name << ":\n" << shown;
    }
  }
}

TEST(FormatsDocument, ShowsWhatIsAdded) {
  FormatOptions options;
  options.add = "level,file:code.file,line:code.line";
  const std::string shown = example({MessageFormat::kJson, options});
  EXPECT_NE(document().find("\n" + shown + "\n"), std::string::npos) << shown;
}

TEST(FormatsDocument, ShowsWhatPatternsWrite) {
  const std::string text = document();
  for (const char* pattern :
       {"%H:%M:%S.%e %-7l [%t] %v%{fields} (%s:%#)", "%L%m%d %T.%f %t %s:%#] %v",
        "%{time} %{LEVEL} %n %!: %v table=%{field:table}"}) {
    FormatOptions options;
    options.utc = true;
    const std::string shown = example(Formatter::pattern(pattern, options));
    const std::string row = "| `" + std::string(pattern) + "` | `" + shown + "` |";
    EXPECT_NE(text.find(row), std::string::npos) << row;
  }
}

}  // namespace
}  // namespace metlog::shop
