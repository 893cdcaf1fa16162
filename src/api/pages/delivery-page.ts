import type { BaselineComparison, DeliveryBaseline, DeliveryReport } from '../../domain/delivery.js';
import { formatInstant } from '../instants.js';
import { deliveryChart } from './delivery-chart.js';
import { Html, html } from './html.js';
import { REPORT_STYLE, reportContentPolicy } from './report-style.js';

const NAME_OF_BASELINE: Readonly<Record<DeliveryBaseline, string>> = {
  'nominated-plan': 'Nominated plan',
  'meter-before-meter-after': 'Meter before, meter after',
  'high-x-of-y': 'High X of Y',
  'control-group': 'Control group',
  zero: 'Zero',
  'zero-for-discharge': 'Zero for discharge',
};

/** The delivery report as one page that needs nothing else: for reading, printing and filing. */
export function deliveryPage(report: DeliveryReport, baselines: readonly BaselineComparison[]): string {
  const title = `Delivery of order ${report.dispatchId}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${reportContentPolicy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${new Html(REPORT_STYLE)}</style>
</head>
<body>
<h1>${title}</h1>
<p class="muted">${instantOf(report.startMs)} to ${instantOf(report.endMs)}, ${report.direction === 'up' ? 'up: less import or more export' : 'down: more import or less export'}. Powers in kW, import above zero, export below; import and export are never netted. Times are UTC.</p>
<p class="verdict">${verdict(report)}</p>
${report.provisional ? html`<p class="alarm">Provisional: readings may still come.</p>` : ''}
${report.missingSteps > 0 ? html`<p class="alarm">Meters were silent in ${report.missingSteps} of ${report.steps.length} steps. What they did not show is not credited.</p>` : ''}
<section>
<h2>Power</h2>
${report.steps.length === 0 ? html`<p class="muted">The order has not begun.</p>` : deliveryChart(report)}
<p class="legend"><span class="baseline">Baseline</span><span class="asked">Asked</span><span class="metered">Metered</span>${report.missingSteps > 0 ? html`<span class="muted">shaded: a meter was silent</span>` : ''}</p>
</section>
<section>
<h2>Figures</h2>
<dl>
${[
  figure('Asked', kwh(report.askedKwh)),
  figure('Credited', kwh(report.creditedKwh)),
  figure('Delivery ratio', percent(report.deliveryRatio)),
  figure('First power after', seconds(report.initiationS)),
  figure('Full activation after', seconds(report.fullActivationS)),
  figure('Worst error', `${number(report.worstErrorKw)} kW`),
  figure(`Steps within ${percent(report.toleranceFraction)}`, percent(report.withinTolerance)),
  figure('Short beyond tolerance', kwh(report.underKwh)),
  figure('Above beyond tolerance', kwh(report.overKwh)),
  figure('Meters spoke for', percent(report.availability)),
  figure('Imported', kwh(report.importKwh)),
  figure('Exported', kwh(report.exportKwh)),
]}
</dl>
<p class="muted">Times to activation are known to a step of ${report.stepMinutes} minutes.</p>
</section>
${baselineSection(report, baselines)}
${evseSection(report)}
${stepSection(report)}
</body>
</html>
`.text;
}

function verdict({ askedKwh, creditedKwh, deliveryRatio }: DeliveryReport): string {
  if (deliveryRatio === null) return 'Nothing was asked against this baseline.';
  return `${kwh(creditedKwh)} of ${kwh(askedKwh)} asked were delivered: ${percent(deliveryRatio)}.`;
}

function baselineSection(report: DeliveryReport, baselines: readonly BaselineComparison[]): Html {
  const { basis } = report;
  return html`<section>
<h2>Baseline: ${NAME_OF_BASELINE[report.baseline]}</h2>
${basis === null || basis.days.length === 0 ? '' : html`<p>Days averaged: ${basis.days.join(', ')}. Adjustment: ${basis.adjustmentFactor === 1 ? `${number(basis.adjustmentKw)} kW` : `× ${number(basis.adjustmentFactor)}`}.</p>`}
${basis === null || basis.excludedDays.length === 0 ? '' : html`<p class="muted">Days left out: ${basis.excludedDays.map(({ day, reason }) => `${day} (${reason})`).join(', ')}.</p>`}
${basis === null || basis.controls.length === 0 ? '' : html`<p>Control group: ${basis.controls.map(({ evseId, standsFor }) => `${evseId} for ${number(standsFor)}`).join(', ')}.</p>`}
<div class="wide"><table>
<thead><tr><th>Method</th><th>Credited</th><th>Ratio</th><th>Bias kW</th><th>MAE kW</th><th>RMSE kW</th><th>RRMSE</th><th>In tolerance</th><th>Days judged</th></tr></thead>
<tbody>
${baselines.map(comparisonRow)}
</tbody></table></div>
<p class="muted">Bias and errors are of the same formula on like days without an order, at this order’s time of day: baseline minus metered.</p>
</section>`;
}

function comparisonRow({
  baseline,
  unavailable,
  creditedKwh,
  deliveryRatio,
  kpis,
}: BaselineComparison): Html {
  const name = NAME_OF_BASELINE[baseline];
  if (unavailable !== null) {
    return html`<tr><td>${name}</td><td class="text muted" colspan="8">${unavailable}</td></tr>`;
  }
  return html`<tr><td>${name}</td><td>${creditedKwh === null ? '–' : kwh(creditedKwh)}</td><td>${percent(deliveryRatio)}</td><td>${numberOrDash(kpis?.biasKw)}</td><td>${numberOrDash(kpis?.maeKw)}</td><td>${numberOrDash(kpis?.rmseKw)}</td><td>${percent(kpis?.rrmse ?? null)}</td><td>${percent(kpis?.withinTolerance ?? null)}</td><td>${kpis?.days.length ?? 0}</td></tr>`;
}

function evseSection({ evses }: DeliveryReport): Html {
  return html`<section class="long">
<h2>EVSEs</h2>
<div class="wide"><table>
<thead><tr><th>EVSE</th><th>Imported</th><th>Exported</th><th>Steps without meter</th></tr></thead>
<tbody>
${evses.map(
  ({ evseId, importKwh, exportKwh, missingSteps }) =>
    html`<tr><td>${evseId}</td><td>${kwh(importKwh)}</td><td>${kwh(exportKwh)}</td><td${missingSteps > 0 ? new Html(' class="alarm"') : ''}>${missingSteps}</td></tr>`,
)}
</tbody></table></div>
</section>`;
}

function stepSection({ steps }: DeliveryReport): Html {
  return html`<section class="long">
<h2>Steps</h2>
<div class="wide"><table>
<thead><tr><th>From</th><th>Baseline kW</th><th>Asked kW</th><th>Metered kW</th><th>Credited kWh</th><th class="text">Silent meters</th></tr></thead>
<tbody>
${steps.map(
  (step) =>
    html`<tr><td>${instantOf(step.startMs)}</td><td>${number(step.baselineKw)}</td><td>${number(step.askedKw)}</td><td>${number(step.meteredKw)}</td><td>${number(step.creditedKwh)}</td><td class="text">${step.missing.join(' ')}</td></tr>`,
)}
</tbody></table></div>
</section>`;
}

function figure(name: string, value: string): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function instantOf(atMs: number): Html {
  const text = formatInstant(atMs);
  return html`<time datetime="${text}">${text.replace('T', ' ').replace('Z', '')}</time>`;
}

function number(value: number): string {
  // No minus in front of a zero.
  return (Math.round(value * 1000) / 1000 + 0).toLocaleString('en-GB', {
    minimumFractionDigits: 1,
    maximumFractionDigits: 3,
  });
}

const numberOrDash = (value: number | null | undefined) =>
  value === null || value === undefined ? '–' : number(value);
const kwh = (value: number) => `${number(value)} kWh`;
const percent = (share: number | null) => (share === null ? '–' : `${(share * 100).toFixed(1)} %`);
const seconds = (value: number | null) => (value === null ? 'never' : `${value.toFixed(0)} s`);
