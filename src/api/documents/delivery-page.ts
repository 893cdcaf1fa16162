import type { Static } from 'typebox';
import type { DeliveryReport } from '../../domain/delivery.js';
import { type DeliverySchema, deliveryDocument } from './delivery-document.js';

type Delivery = Static<typeof DeliverySchema>;
type Step = Delivery['steps'][number];

/** What the page may load: nothing but its own style sheet. */
export const DELIVERY_PAGE_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** The report as a page for people, with a chart; every figure is that of the JSON. Loads nothing, runs nothing. */
export function deliveryPage(report: DeliveryReport): string {
  const delivery = deliveryDocument(report);
  const title = `Delivery of order ${delivery.dispatchId}`;
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${text(title)}</title>
<style>${STYLE}</style></head>
<body><main>
<h1>${text(title)}</h1>
<p>${text(`${delivery.start} to ${delivery.end}, ${delivery.direction}, against the baseline ${delivery.baseline}.`)}${
    delivery.provisional ? ' <strong>Provisional: readings may still come.</strong>' : ''
  }</p>
${delivery.steps.length === 0 ? '<p>The order has not begun.</p>' : chart(delivery.steps)}
<h2>Figures</h2>
${table(['figure', 'value'], figures(delivery))}
<h2>Steps</h2>
${table(
  [
    'start',
    'end',
    'baseline kW',
    'asked kW',
    'metered kW',
    'import kWh',
    'export kWh',
    'credited kWh',
    'flags',
  ],
  delivery.steps.map((step) => [
    step.start,
    step.end,
    step.baselineKw,
    step.askedKw,
    step.meteredKw,
    step.importKwh,
    step.exportKwh,
    step.creditedKwh,
    flagsOf(step),
  ]),
)}
<h2>EVSEs</h2>
${table(
  ['EVSE', 'import kWh', 'export kWh', 'silent steps', 'estimated steps'],
  delivery.evses.map((evse) => [
    evse.evseId,
    evse.importKwh,
    evse.exportKwh,
    evse.missingSteps,
    evse.estimatedSteps,
  ]),
)}
</main></body></html>
`;
}

function figures(delivery: Delivery): Cell[][] {
  return [
    ['asked, kWh', delivery.askedKwh],
    ['credited, kWh', delivery.creditedKwh],
    ['credited / asked', delivery.deliveryRatio],
    ['first 5 % after, s', delivery.initiationS],
    ['full activation after, s', delivery.fullActivationS],
    ['worst error of a step, kW', delivery.worstErrorKw],
    ['share of steps within the tolerance', delivery.withinTolerance],
    ['tolerance', delivery.toleranceFraction],
    ['short beyond the tolerance, kWh', delivery.underKwh],
    ['too much beyond the tolerance, kWh', delivery.overKwh],
    ['share of the plugged-in time with meters', delivery.availability],
    ['steps with a silent meter', delivery.missingSteps],
    ['steps with a meter not read at an edge', delivery.estimatedSteps],
    ['import, kWh', delivery.importKwh],
    ['export, kWh', delivery.exportKwh],
    ...(delivery.basis === null
      ? []
      : [
          ['like days of the baseline', delivery.basis.days.join(' ')],
          [
            'days left out',
            delivery.basis.excludedDays.map(({ day, reason }) => `${day} (${reason})`).join(' '),
          ],
          ['same-day adjustment, kW', delivery.basis.adjustmentKw],
          ['same-day adjustment, factor', delivery.basis.adjustmentFactor],
          ['EVSEs of the control group', delivery.basis.controls.length],
        ]),
  ];
}

function flagsOf({ missing, estimated }: Step): string {
  return [
    missing.length > 0 ? `silent: ${missing.join(' ')}` : '',
    estimated.length > 0 ? `estimated: ${estimated.length}` : '',
  ]
    .filter(Boolean)
    .join('; ');
}

const WIDTH = 900;
const HEIGHT = 300;
const LEFT = 64;
const BOTTOM = 270;
const TOP = 12;
const SERIES = [
  { field: 'baselineKw', name: 'baseline', mark: 'baseline' },
  { field: 'askedKw', name: 'asked', mark: 'asked' },
  { field: 'meteredKw', name: 'metered', mark: 'metered' },
] as const;

/** Powers over time as steps; steps with a silent meter are shaded. */
function chart(steps: readonly Step[]): string {
  const powers = steps.flatMap((step) => SERIES.map(({ field }) => step[field]));
  const most = Math.max(0, ...powers);
  const least = Math.min(0, ...powers);
  const spanKw = most - least || 1;
  const fromMs = Date.parse(steps[0]?.start ?? '');
  const toMs = Date.parse(steps.at(-1)?.end ?? '');
  const x = (at: string) =>
    (LEFT + ((Date.parse(at) - fromMs) / (toMs - fromMs)) * (WIDTH - LEFT - 8)).toFixed(1);
  const y = (kw: number) => (BOTTOM - ((kw - least) / spanKw) * (BOTTOM - TOP)).toFixed(1);
  const line = (field: (typeof SERIES)[number]['field']) =>
    steps.map((step) => `${x(step.start)},${y(step[field])} ${x(step.end)},${y(step[field])}`).join(' ');
  const shades = steps
    .filter(({ missing }) => missing.length > 0)
    .map(({ start, end }) => {
      const width = (Number(x(end)) - Number(x(start))).toFixed(1);
      return `<rect class="silent" x="${x(start)}" y="${TOP}" width="${width}" height="${BOTTOM - TOP}"/>`;
    });
  const ticks = [...new Set([least, 0, most])].map(
    (kw) =>
      `<line class="grid" x1="${LEFT}" x2="${WIDTH - 8}" y1="${y(kw)}" y2="${y(kw)}"/>` +
      `<text x="${LEFT - 6}" y="${Number(y(kw)) + 4}" text-anchor="end">${text(String(kw))}</text>`,
  );
  const [first, last] = [steps[0]?.start ?? '', steps.at(-1)?.end ?? ''];
  return `<figure><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Baseline, asked and metered power over the order">
${shades.join('')}${ticks.join('')}
${SERIES.map(({ field, mark }) => `<polyline class="${mark}" points="${line(field)}"/>`).join('\n')}
<text x="${LEFT}" y="${HEIGHT - 8}">${text(first)}</text><text x="${WIDTH - 8}" y="${HEIGHT - 8}" text-anchor="end">${text(last)}</text>
</svg><figcaption>kW, import &gt; 0: ${SERIES.map(({ name, mark }) => `<span class="${mark}">${name}</span>`).join(', ')}; shaded: a meter was silent</figcaption></figure>`;
}

type Cell = string | number | null;

function table(heads: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const cell = (value: Cell | undefined) =>
    `<td${typeof value === 'number' ? ' class="number"' : ''}>${value === null || value === undefined ? '–' : text(String(value))}</td>`;
  const body = rows.map((row) => `<tr>${heads.map((_, column) => cell(row[column])).join('')}</tr>`);
  return `<table><thead><tr>${heads.map((head) => `<th>${text(head)}</th>`).join('')}</tr></thead><tbody>
${body.join('\n')}
</tbody></table>`;
}

function text(value: string): string {
  return value.replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

const STYLE = `
body{font:15px/1.5 system-ui,sans-serif;color:#14242c;margin:0}main{max-width:960px;margin:0 auto;padding:24px}
table{border-collapse:collapse;width:100%;font-size:13px}th,td{text-align:left;padding:3px 8px;border-bottom:1px solid #d8e0e4}
td.number{text-align:right;font-variant-numeric:tabular-nums}figure{margin:16px 0}svg{width:100%;height:auto}svg text{font-size:12px;fill:#51636c}
polyline{fill:none;stroke-width:2}polyline.baseline{stroke:#7a8b94;stroke-dasharray:5 4}polyline.asked{stroke:#b35c00}polyline.metered{stroke:#00718a;stroke-width:2.5}
span.baseline{color:#5b6b73}span.asked{color:#b35c00}span.metered{color:#00718a}.grid{stroke:#d8e0e4}.silent{fill:#f6d9d2}
`;
