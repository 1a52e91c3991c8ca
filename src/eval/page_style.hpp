// How pages look.
#pragma once

#include <string_view>

namespace mien::eval::detail {

/// Wide tables scroll by themselves, never the page.
inline constexpr std::string_view kPageStyle = R"css(:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #ffffff; --edge: #e1e4e8; --ink: #1b1f24; --muted: #646c76; --axis: #5b626b;
  --grid: #e7e9ec; --accent: #0b6bcb; --good: #17803d; --bad: #b3261e; --heat: 11, 107, 203; --on-heat: #ffffff;
  --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #b45f93; --c4: #3a9fd6; --c5: #555555;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101316; --card: #181c20; --edge: #2b3137; --ink: #e7eaed; --muted: #9aa3ad; --axis: #8a929b;
    --grid: #2a2f35; --accent: #6cb4ff; --good: #5fce85; --bad: #ff8a80; --heat: 74, 158, 242; --on-heat: #06121f;
    --c0: #56b4e9; --c1: #ff9a4d; --c2: #35d0a5; --c3: #e79cc6; --c4: #8fd0f5; --c5: #b5bcc4;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 16px 48px; }
header { margin-bottom: 16px; }
h1 { font-size: 24px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 0 0 12px; }
h3 { font-size: 14px; margin: 16px 0 8px; color: var(--muted); font-weight: 600; }
p { margin: 0 0 8px; }
a { color: var(--accent); }
.note { color: var(--muted); font-size: 13px; }
.pill { display: inline-block; padding: 1px 10px; border-radius: 999px; border: 1px solid currentColor;
  font-size: 13px; font-weight: 600; vertical-align: 3px; margin-left: 6px; color: var(--muted); }
.pill.running { color: var(--accent); } .pill.done { color: var(--good); } .pill.failed { color: var(--bad); }
section { background: var(--card); border: 1px solid var(--edge); border-radius: 12px; padding: 16px;
  margin-top: 16px; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(130px, 1fr)); gap: 12px; margin: 0 0 4px; }
.figures div { border: 1px solid var(--edge); border-radius: 10px; padding: 8px 12px; background: var(--card); }
.figures dt { color: var(--muted); font-size: 12px; }
.figures dd { margin: 0; font-size: 20px; font-weight: 650; font-variant-numeric: tabular-nums; }
.figures dd small { font-size: 12px; font-weight: 400; color: var(--muted); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 8px 20px; }
.chart { display: block; width: 100%; height: auto; max-width: 560px; margin: 0 auto;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
.names { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 12px; padding: 0; list-style: none; }
.names i, .dot { display: inline-block; width: 12px; height: 12px; border-radius: 50%; margin-right: 6px;
  vertical-align: -1px; }
.wide { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 14px; }
th, td { padding: 4px 10px; text-align: right; border-bottom: 1px solid var(--edge); }
td { white-space: nowrap; } th { font-weight: 600; white-space: nowrap; } th:first-child { text-align: left; padding-left: 0; }
.words td, .words th { text-align: left; vertical-align: top; } .words th[scope=row] { font-weight: 400; }
.words td { white-space: normal; overflow-wrap: anywhere; } .words .same td, .words .same th { color: var(--muted); }
.confusion th, .confusion td { padding: 0; border: 0; text-align: center; font-size: 12px; }
.confusion td { min-width: 46px; height: 42px; line-height: 1.2; border: 1px solid var(--card); border-radius: 4px;
  background: rgba(var(--heat), var(--s)); }
.confusion td small { display: block; font-size: 10px; opacity: .8; }
.confusion td.right { font-weight: 700; } .confusion td.strong { color: var(--on-heat); }
.confusion td.strong small { opacity: 1; }
.confusion th[scope=row] { text-align: right; padding-right: 8px; }
.confusion th[scope=col] { height: 28px; vertical-align: bottom; padding: 0 3px 2px; }
.faces { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 12px; }
.faces figure { margin: 0; min-width: 0; }
.faces img { display: block; width: 100%; height: auto; border-radius: 8px; background: var(--grid); }
.faces figcaption { font-size: 12px; line-height: 1.35; margin-top: 4px; overflow-wrap: anywhere; }
.faces figcaption span { color: var(--muted); }
pre { margin: 0; padding: 12px; border-radius: 8px; background: var(--ground); border: 1px solid var(--edge);
  overflow-x: auto; font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
details summary { cursor: pointer; font-weight: 600; margin: 8px 0; }
@media print { body { background: none; } section { break-inside: avoid; } details > * { display: block; } }
@media (max-width: 560px) { main { padding: 16px 10px 32px; } section { padding: 12px; }
  th, td { padding: 4px 5px; } table { font-size: 12px; }
  .confusion td { min-width: 36px; height: 36px; } .confusion th { font-size: 11px; }
  .confusion th[scope=col] { writing-mode: vertical-rl; transform: rotate(180deg); height: auto; padding: 4px 0; }
  .faces { grid-template-columns: repeat(auto-fill, minmax(84px, 1fr)); } }
)css";

}  // namespace mien::eval::detail
