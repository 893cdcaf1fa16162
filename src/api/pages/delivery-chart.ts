import type { DeliveryReport, DeliveryStep } from '../../domain/delivery.js';
import { type Html, html } from './html.js';

const WIDTH = 960;
const HEIGHT = 320;
const LEFT = 64;
const RIGHT = 12;
const TOP = 12;
const BOTTOM = 34;
const MOST_TIME_TICKS = 8;

/** Baseline, asked and metered power over the order's time as SVG; steps with a silent meter are shaded. */
export function deliveryChart({ steps, startMs, endMs }: DeliveryReport): Html {
  const powers = steps.flatMap(({ baselineKw, askedKw, meteredKw }) => [baselineKw, askedKw, meteredKw]);
  const ticks = powerTicks(Math.min(0, ...powers), Math.max(0, ...powers));
  const lowKw = ticks[0] ?? 0;
  const highKw = ticks.at(-1) ?? 1;
  const x = (atMs: number) => LEFT + ((atMs - startMs) / (endMs - startMs)) * (WIDTH - LEFT - RIGHT);
  const y = (kw: number) => TOP + ((highKw - kw) / (highKw - lowKw)) * (HEIGHT - TOP - BOTTOM);
  const line = (powerOf: (step: DeliveryStep) => number) =>
    steps
      .map(
        (step, index) =>
          `${index === 0 ? 'M' : 'L'}${round(x(step.startMs))} ${round(y(powerOf(step)))}H${round(x(step.endMs))}`,
      )
      .join('');
  return html`<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="chart-title chart-text">
<title id="chart-title">Power over the order’s time</title>
<desc id="chart-text">Baseline, asked and metered net power in kW, import above zero, export below; shaded where a meter was silent.</desc>
${steps
  .filter(({ missing }) => missing.length > 0)
  .map(
    (step) =>
      html`<rect class="silent" x="${round(x(step.startMs))}" y="${TOP}" width="${round(x(step.endMs) - x(step.startMs))}" height="${HEIGHT - TOP - BOTTOM}"/>`,
  )}
${ticks.map(
  (kw) =>
    html`<line class="${kw === 0 ? 'zero' : 'grid'}" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${round(y(kw))}" y2="${round(y(kw))}"/><text class="tick end" x="${LEFT - 8}" y="${round(y(kw) + 4)}">${kw}</text>`,
)}
${timeTicks(steps, startMs, endMs).map(
  (atMs) => html`<text class="tick middle" x="${round(x(atMs))}" y="${HEIGHT - 12}">${timeOf(atMs)}</text>`,
)}
<path class="baseline" d="${line(({ baselineKw }) => baselineKw)}"/>
<path class="asked" d="${line(({ askedKw }) => askedKw)}"/>
<path class="metered" d="${line(({ meteredKw }) => meteredKw)}"/>
</svg>`;
}

/** About five round numbers that span [lowKw, highKw] and hold zero. */
function powerTicks(lowKw: number, highKw: number): number[] {
  const rough = Math.max(highKw - lowKw, 1e-3) / 5;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * magnitude >= rough) ?? 10) * magnitude;
  const first = Math.floor(lowKw / step);
  const last = Math.max(first + 1, Math.ceil(highKw / step));
  return Array.from({ length: last - first + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(6)),
  );
}

function timeTicks(steps: readonly DeliveryStep[], startMs: number, endMs: number): number[] {
  const edges = [...steps.map((step) => step.startMs), steps.at(-1)?.endMs ?? endMs];
  const every = Math.ceil(edges.length / MOST_TIME_TICKS);
  const ticks = edges.filter((_, index) => index % every === 0);
  return ticks.length > 0 ? ticks : [startMs];
}

function timeOf(atMs: number): string {
  return new Date(atMs).toISOString().slice(11, 16);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
