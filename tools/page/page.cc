#include "tools/page/page.h"

#include <fmt/format.h>

#include "absl/strings/str_replace.h"

namespace metlog {

// The files beside this one; CMake makes sources of them.
extern const std::string_view kDrawingScript;
extern const std::string_view kPageStyle;

namespace {

std::string html_text(std::string_view text) {
  return absl::StrReplaceAll(
      absl::string_view(text.data(), text.size()),
      {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}, {"\"", "&quot;"}, {"'", "&#39;"}});
}

/// In JSON the character is in strings only. Without it nothing ends the element, nor begins a
/// comment.
std::string script_json(std::string_view json) {
  return absl::StrReplaceAll(absl::string_view(json.data(), json.size()), {{"<", "\\u003c"}});
}

// Nothing is loaded and nothing sent, whatever a script or a text tries.
constexpr std::string_view kPolicy =
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'";

constexpr std::string_view kBegin = R"js(
const data = JSON.parse(document.getElementById('data').textContent);
try {
)js";

constexpr std::string_view kEnd = R"js(
  drawPictures();
} catch (error) {
  document.querySelector('main').append(html('p', {class: 'fault'},
    `This page could not be drawn: ${error}. The figures are in its source, as JSON.`));
  throw error;
}
)js";

}  // namespace

std::string to_html(const Page& page) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}{}\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<title>{}</title>\n<style>\n{}{}</style>\n</head>\n<body>\n<main></main>\n"
      "<noscript><pre>{}</pre></noscript>\n"
      "<script type=\"application/json\" id=\"data\">{}</script>\n"
      "<script>\n{}{}{}{}</script>\n</body>\n</html>\n",
      kPolicy, page.asks_its_server ? "; connect-src 'self'" : "", html_text(page.title),
      kPageStyle, page.style, html_text(page.plain_text), script_json(page.json), kDrawingScript,
      kBegin, page.script, kEnd);
}

}  // namespace metlog
