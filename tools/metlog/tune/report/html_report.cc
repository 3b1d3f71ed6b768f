#include "tools/metlog/tune/report/html_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "tools/metlog/tune/report/plot.h"
#include "tools/metlog/tune/report/report_text.h"
#include "tools/metlog/tune/report/tune_plots.h"
#include "tools/metlog/tune/report/tune_table.h"

namespace metlog {
namespace {

/// The report's style: light, or dark where the reader's system is.
constexpr const char* kReportStyle = R"(
:root{color-scheme:light dark;--page:#fff;--card:#f6f7f9;--text:#1a1d21;--dim:#5a626d;--grid:#dde1e6;
--rule:#c8ced6;--fault:#b42318;--s0:#0b62c4;--s1:#c2410c;--s2:#15803d;--s3:#7e22ce;--s4:#a16207;
--s5:#be185d;--s6:#0e7490;--s7:#475569;--s8:#65a30d;--on-bar:#fff}
@media (prefers-color-scheme:dark){:root{--page:#14171a;--card:#1d2125;--text:#e8eaed;--dim:#a3acb8;
--grid:#343a42;--rule:#454d57;--fault:#ff8a7a;--s0:#6cb2ff;--s1:#ff9d5c;--s2:#63d58b;--s3:#c79bff;
--s4:#e6c14a;--s5:#ff85b8;--s6:#4fd0e3;--s7:#b4bfcc;--s8:#b5e05a;--on-bar:#10161d}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1120px;padding:24px 20px 60px;background:var(--page);color:var(--text);
font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
h1{font-size:1.6em;margin:0 0 4px}h2{font-size:1.2em;margin:36px 0 8px}
p{margin:6px 0}.dim{color:var(--dim)}.fault{color:var(--fault)}
pre{background:var(--card);border:1px solid var(--grid);border-radius:6px;padding:12px 14px;
overflow-x:auto;font:13px/1.5 ui-monospace,"DejaVu Sans Mono",Menlo,monospace}
code{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,monospace}
.plots{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(440px,100%),1fr));gap:14px;align-items:start}
figure{margin:0;background:var(--card);border:1px solid var(--grid);border-radius:6px;
padding:10px 10px 12px}
figcaption{font-weight:600;padding:0 4px 4px}
svg{display:block;width:100%;height:auto;font:12px system-ui,-apple-system,"DejaVu Sans",sans-serif}
.grid{stroke:var(--grid);stroke-width:1}.tick{fill:var(--dim)}.label{fill:var(--text)}
.in-bar{fill:var(--on-bar)}.fault-text{fill:var(--fault)}
.line{fill:none;stroke:currentColor;stroke-width:1.8}circle{fill:currentColor}
.bar{fill:var(--s0)}path.fault{stroke:var(--fault);stroke-width:2;fill:none}
g.s0,i.s0{color:var(--s0)}g.s1,i.s1{color:var(--s1)}g.s2,i.s2{color:var(--s2)}
g.s3,i.s3{color:var(--s3)}g.s4,i.s4{color:var(--s4)}g.s5,i.s5{color:var(--s5)}
g.s6,i.s6{color:var(--s6)}g.s7,i.s7{color:var(--s7)}g.s8,i.s8{color:var(--s8)}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;padding:2px 6px 0;font-size:13px}
.legend i{display:inline-block;width:12px;height:12px;border-radius:3px;background:currentColor;
margin-right:6px;vertical-align:-1px}
.wide{overflow-x:auto}table{border-collapse:collapse;font-size:13px;font-variant-numeric:tabular-nums}
th,td{padding:3px 6px;text-align:right;white-space:nowrap;border-bottom:1px solid var(--grid)}
th{color:var(--dim);font-weight:600;border-bottom-color:var(--rule)}
th:first-child,td:first-child,td.remark{text-align:left}td.remark{white-space:normal;
padding-left:22px;color:var(--fault)}tr.head td{font-weight:600;padding-top:12px}
)";

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

/// The remark has its own line: it may be long, and must stay visible.
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
  const std::size_t columns = row_headings().size() - 1;  // without the remark
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

/// The clean round with the median cost; null when there is none.
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
                    "<p class=\"dim\">Measured in turn, {} rounds; median and half the "
                    "distance of the quartiles. Cores: {}.</p>",
                    compared.defaults.size(), html_text(compared.regimes()));
}

std::string method(const TuneResult& result) {
  return fmt::format(
      "<p>{}, {} processors, {}. Each row is measured by two processes of {} ms: one calls "
      "infrequently and times each call, the other calls {}. Receivers count what arrives. The "
      "cost "
      "of an empty measurement ({:.0f} ns) is subtracted from times. \"Cores\" is the distance of "
      "the first two processors before and after: smt, ccx (one cache), far, or mixed. Compare "
      "only "
      "rows with the same distance.</p>\n<p>Command: <code>{}</code></p>",
      html_text(result.cpu), result.processors, html_text(result.kernel), result.phase_ms,
      result.rate == 0 ? std::string("as fast as possible")
                       : fmt::format("{} times per second", result.rate),
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

}  // namespace metlog
