#pragma once

#include <string>
#include <string_view>

#include "tools/metlog/tune/search/confirmation.h"

namespace metlog {

/// Everything as one page that needs nothing beside it: style and plots stand in it.
std::string to_html(const TuneResult& result);

/// Fit to stand in HTML and SVG, in attributes too.
std::string html_text(std::string_view text);

/// The report's style: light, or dark where the reader's system is.
inline constexpr const char* kReportStyle = R"(
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

}  // namespace metlog
