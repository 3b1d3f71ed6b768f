#pragma once

#include <string>
#include <string_view>

namespace metlog {

/// A page for a browser: one HTML file that loads nothing, in which a script draws a JSON value.
struct Page {
  std::string_view title;
  /// JavaScript that fills <main> from `data`, the parsed value, with the functions of drawing.js.
  std::string_view script;
  std::string json;
  /// Shown instead where scripts do not run.
  std::string plain_text;
  /// CSS beside the page's own; trusted.
  std::string_view style = {};
  /// True when the script fetches from where the page came from; nothing else is ever loaded.
  bool asks_its_server = false;
};

/// Returns the HTML. Neither title, JSON nor text can become markup, whatever they contain; the
/// script is trusted.
std::string to_html(const Page& page);

}  // namespace metlog
