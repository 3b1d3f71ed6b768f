#include "tools/page/page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace metlog {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Page, HasItsScriptAfterTheDrawingAndTheData) {
  const std::string page = to_html(Page{"t", "drawIt(data);", "{\"a\":1}", "text"});
  const std::size_t data = page.find("{\"a\":1}</script>");
  const std::size_t drawing = page.find("function barPlot(");
  const std::size_t script = page.find("drawIt(data);");
  EXPECT_LT(data, drawing);
  EXPECT_LT(drawing, script);
  EXPECT_NE(script, std::string::npos);
  EXPECT_THAT(page, HasSubstr("<noscript><pre>text</pre></noscript>"));
}

TEST(Page, TakesNoMarkupFromItsTitleDataOrText) {
  const std::string hostile = "</title></script></pre><script>alert('x')</script><!--";
  const std::string page = to_html(Page{hostile, "", "[\"" + hostile + "\"]", hostile});
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
  EXPECT_THAT(page, Not(HasSubstr("<!--")));
  EXPECT_THAT(page, HasSubstr("<title>&lt;/title&gt;"));
  EXPECT_THAT(page, HasSubstr("[\"\\u003c/title>\\u003c/script>"));
}

}  // namespace
}  // namespace metlog
