import { createHash } from 'node:crypto';

/** The page's whole style. Colours as on the dashboard: import blue, export amber; every text ≥ 4.5 : 1. */
export const REPORT_STYLE = `:root{color-scheme:light dark;--ground:light-dark(#eef3f5,#0a1317);--surface:light-dark(#fff,#111d23);--line:light-dark(#dbe4e8,#22343c);--ink:light-dark(#0d222c,#e8f1f4);--muted:light-dark(#526670,#93a9b4);--metered:light-dark(#0878a4,#4cc3ee);--asked:light-dark(#b4500a,#ff9d57);--bad:light-dark(#b3261e,#ff8a80);--silent:light-dark(rgb(179 38 30/12%),rgb(255 138 128/18%))}
*{box-sizing:border-box}
body{margin:0 auto;padding:24px 16px 48px;max-width:1040px;background:var(--ground);color:var(--ink);font:15px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-variant-numeric:tabular-nums}
h1{font-size:22px;margin:0 0 4px}
h2{font-size:16px;margin:28px 0 8px}
p{margin:0 0 8px}
.muted{color:var(--muted)}
.alarm{color:var(--bad);font-weight:600}
.verdict{font-size:18px;margin:12px 0}
section{background:var(--surface);border:1px solid var(--line);border-radius:8px;padding:14px 16px;margin:12px 0}
section h2{margin-top:0}
dl{display:grid;grid-template-columns:repeat(auto-fill,minmax(190px,1fr));gap:10px 20px;margin:0}
dt{color:var(--muted);font-size:13px}
dd{margin:0;font-size:17px}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{padding:4px 10px;text-align:right;border-top:1px solid var(--line);white-space:nowrap}
th{color:var(--muted);font-weight:500;font-size:13px;border-top:0}
th:first-child,td:first-child,.text{text-align:left;white-space:normal}
svg{width:100%;height:auto;display:block}
.grid{stroke:var(--line)}
.zero{stroke:var(--muted)}
.tick{fill:var(--muted);font-size:12px}
.end{text-anchor:end}
.middle{text-anchor:middle}
.silent{fill:var(--silent)}
path{fill:none;stroke-width:2.2}
.baseline{stroke:var(--muted);stroke-dasharray:6 5}
.asked{stroke:var(--asked)}
.metered{stroke:var(--metered)}
.legend span{margin-right:18px}
.legend .baseline,.legend .asked,.legend .metered{font-weight:600}
.legend .baseline{color:var(--muted)}
.legend .asked{color:var(--asked)}
.legend .metered{color:var(--metered)}
code{font:13px/1.4 ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
@media print{:root{color-scheme:light}body{background:#fff;max-width:none;padding:0}section{break-inside:avoid;border-color:#ccc}section.long{break-inside:auto}tr{break-inside:avoid}thead{display:table-header-group}}`;

/** The page loads nothing and runs nothing; its one style is allowed by its hash. Also holds for a saved copy. */
export function reportContentPolicy(): string {
  const hash = createHash('sha256').update(REPORT_STYLE).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
}
