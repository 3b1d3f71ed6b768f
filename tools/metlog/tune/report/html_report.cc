#include "tools/metlog/tune/report/html_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/metlog/tune/report/report_text.h"
#include "tools/metlog/tune/report/tune_plots.h"
#include "tools/metlog/tune/report/tune_table.h"

namespace metlog {
namespace {

std::string section(std::string_view title, const std::string& body) {
  if (body.empty()) return "";
  return fmt::format("<h2>{}</h2>\n{}\n", html_text(title), body);
}

std::string plots(const std::string& figures) {
  return figures.empty() ? "" : "<div class=\"plots\">\n" + figures + "</div>";
}

std::string paragraphs(const std::string& lines, std::string_view style) {
  std::string text;
  std::size_t begin = 0;
  for (std::size_t end = lines.find('\n'); end != std::string::npos;
       end = lines.find('\n', begin)) {
    text +=
        fmt::format("<p class=\"{}\">{}</p>\n", style, html_text(lines.substr(begin, end - begin)));
    begin = end + 1;
  }
  return text;
}

std::string choice(const TuneResult& result) {
  if (!result.has_choice) {
    return "<p class=\"fault\">No row was clean: nothing can be recommended.</p>";
  }
  std::string text =
      fmt::format("<p><b>{}</b></p>\n<pre>{}</pre>\n<p>The goal, {}: {}.</p>\n<ul>",
                  html_text(describe(result.chosen)), html_text(chosen_code(result.chosen)),
                  name_of(result.goal), html_text(meaning_of(result.goal)));
  for (const std::string& reason : result.reasons) {
    text += "<li>" + html_text(reason) + "</li>\n";
  }
  return text + "</ul>";
}

std::string table(const std::vector<std::vector<std::string>>& lines) {
  std::string text;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string_view cell = i == 0 ? "th" : "td";
    text += "<tr>";
    for (const std::string& content : lines[i]) {
      text += fmt::format("<{0}>{1}</{0}>", cell, html_text(content));
    }
    text += "</tr>\n";
  }
  return "<div class=\"wide\"><table>\n" + text + "</table></div>";
}

/// The remark has a line of its own: it may be long, and must not be out of sight.
std::string row_text(const Row& row) {
  std::vector<std::string> cells = cells_of(row);
  const std::string remark = cells.back();
  cells.pop_back();
  std::string text = "<tr>";
  for (const std::string& cell : cells) text += fmt::format("<td>{}</td>", html_text(cell));
  text += "</tr>\n";
  if (remark.empty()) return text;
  return text + fmt::format("<tr><td class=\"remark\" colspan=\"{}\">{}</td></tr>\n", cells.size(),
                            html_text(remark));
}

std::string all_rows(const std::vector<Row>& rows) {
  const std::size_t columns = row_headings().size() - 1;  // the remark is none
  std::string text = "<tr>";
  for (std::size_t i = 0; i < columns; ++i) {
    text += fmt::format("<th>{}</th>", html_text(row_headings()[i]));
  }
  text += "</tr>\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (i == 0 || rows[i].axis != rows[i - 1].axis) {
      text += fmt::format("<tr class=\"head\"><td colspan=\"{}\">{}</td></tr>\n", columns,
                          html_text(title_of(rows[i].axis)));
    }
    text += row_text(rows[i]);
  }
  return "<div class=\"wide\"><table>\n" + text + "</table></div>";
}

/// The curves of the round that was in the middle by the goal's cost.
const Row* middle_of(const std::vector<Row>& rows, Goal goal) {
  std::vector<const Row*> clean;
  for (const Row& row : rows) {
    if (row.is_clean()) clean.push_back(&row);
  }
  std::sort(clean.begin(), clean.end(),
            [goal](const Row* a, const Row* b) { return cost_of(*a, goal) < cost_of(*b, goal); });
  return clean.empty() ? nullptr : clean[clean.size() / 2];
}

std::string confirmation(const TuneResult& result) {
  const Confirmation& compared = result.confirmation;
  if (compared.defaults.empty()) return "";
  std::vector<NamedTimes> curves;
  const auto add = [&](const std::string& name, const Row* row) {
    if (row == nullptr) return;
    curves.push_back({name + ", in bursts", row->burst});
    curves.push_back({name + ", alone", row->single});
  };
  add("defaults", middle_of(compared.defaults, result.goal));
  add("choice", middle_of(compared.chosen, result.goal));
  const std::string text = plots(percentile_plot("Time of a call, the middle round", curves) +
                                 table(confirmation_lines(result)));
  return text + fmt::format(
                    "<p class=\"dim\">Measured by turns, {} rounds; median and half the "
                    "distance of the quartiles. Cores: {}.</p>",
                    compared.defaults.size(), html_text(compared.regimes()));
}

std::string method(const TuneResult& result) {
  return fmt::format(
      "<p>{}, {} processors, {}. Each row is measured by two processes of {} ms: one calls seldom "
      "and times each call, the other calls {}. Receivers count what arrives. Times are without "
      "what timing nothing costs ({:.0f} ns). \"Cores\" says how far the first two processors were "
      "from each other before and after: smt, ccx (one cache), far, or mixed. Compare rows of one "
      "kind only.</p>\n<p>Command: <code>{}</code></p>",
      html_text(result.cpu), result.processors, html_text(result.kernel), result.phase_ms,
      result.rate == 0 ? std::string("as fast as messages go through")
                       : fmt::format("{} times a second", result.rate),
      result.rows.empty() ? 0.0 : result.rows.front().empty_ns, html_text(result.command));
}

}  // namespace

std::string to_html(const TuneResult& result) {
  std::string body = fmt::format(
      "<h1>metlog tune</h1>\n<p class=\"dim\">{}, {} processors, {}; goal {}; {:.0f} s</p>\n",
      html_text(result.cpu), result.processors, html_text(result.kernel), name_of(result.goal),
      result.seconds);
  body += paragraphs(search_remarks(result), "fault");
  body += section("The choice", choice(result));
  body += section("Defaults and choice", confirmation(result));
  for (auto axis = Axis::kTransport; axis != Axis::kConfirm;
       axis = static_cast<Axis>(static_cast<int>(axis) + 1)) {
    std::string title(title_of(axis));
    title[0] = static_cast<char>(title[0] - 'a' + 'A');
    body += section(title, plots(axis_plots(axis, result.rows)));
  }
  const std::string losses = loss_plot(result.rows);
  body += section("Losses", losses.empty() ? "<p>No row lost a message.</p>" : plots(losses));
  body += section("All rows", all_rows(result.rows));
  body += section("Machine and method", method(result));
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
      "<meta name=\"viewport\" content=\"width=device-width\"><title>metlog tune</title>"
      "<style>{}</style></head>\n<body>\n{}</body></html>\n",
      kReportStyle, body);
}

std::string html_text(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

}  // namespace metlog
