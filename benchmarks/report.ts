import { BENCHMARK_CASES, type BenchmarkCase, LIMIT_MS } from './cases.js';
import { renderClaims } from './claims.js';
import { growthExponent } from './growth.js';
import { type BenchmarkResult, type Measurement, measured, quantile } from './measurement.js';

const milliseconds = (value: number): string =>
  value >= 1000 ? `${(value / 1000).toPrecision(3)} s` : `${value.toPrecision(3)} ms`;

const find = (result: BenchmarkResult, test: BenchmarkCase): Measurement | undefined =>
  measured(result, test.name, 'fleet', 'cold');

function row(result: BenchmarkResult, test: BenchmarkCase, m: Measurement): string {
  const cells = [test.name, m.solver, m.phase];
  const fleet = find(result, test);
  if (m.overMs !== undefined && fleet !== undefined) {
    const over = `> ${milliseconds(m.overMs)}`;
    const factor = `> ${(m.overMs / quantile(fleet, 0.5)).toFixed(0)} ×`;
    return `| ${[...cells, over, over, over, over, '', factor, '', '', ''].join(' | ')} |`;
  }
  if (m.failed !== undefined)
    return `| ${[...cells, m.failed, '', '', '', '', '', '', '', ''].join(' | ')} |`;
  const p50 = quantile(m, 0.5);
  const factor =
    m.solver !== 'fleet' && fleet !== undefined ? `${(p50 / quantile(fleet, 0.5)).toFixed(0)} ×` : '';
  const off =
    m.solver !== 'fleet' && fleet !== undefined
      ? (Math.abs(m.objective - fleet.objective) / Math.max(1, Math.abs(m.objective))).toExponential(1)
      : '';
  const bar =
    m.solver === 'fleet' && m.phase === 'cold' && test.barMs !== undefined ? milliseconds(test.barMs) : '';
  const gap = m.solver === 'fleet' && m.phase !== 'incremental' ? m.gap.toExponential(1) : '';
  const times = [m.firstMs, p50, quantile(m, 0.95), quantile(m, 0.99)].map(milliseconds);
  return `| ${[...cells, ...times, gap, factor, off, m.peakMb.toFixed(0), bar].join(' | ')} |`;
}

/** The table, as Markdown. */
export function renderTable(result: BenchmarkResult): string {
  const head = [
    '| case | solver | phase | first | p50 | p95 | p99 | gap | slower than fleet | cost differs by | peak MB | bar |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
  ];
  const rows = BENCHMARK_CASES.flatMap((test) =>
    result.measurements.filter((m) => m.case === test.name).map((m) => row(result, test, m)),
  );
  return [...head, ...rows].join('\n');
}

/** The page of docs, rendered from a saved result and nothing else. */
export function renderPage(result: BenchmarkResult): string {
  const growth = [
    ['uncoupled', 1e-4],
    ['commitment', 1e-3],
    ['commitment', 1e-4],
    ['commitment and sites', 1e-3],
  ] as const;
  const exponents = growth.flatMap(([family, gap]) => {
    const exponent = growthExponent(result, family, gap);
    return exponent === undefined ? [] : [`- ${family}, gap ${gap.toExponential(0)}: ${exponent.toFixed(2)}`];
  });
  return `# Benchmarks of the solver

Rendered by \`npm run bench\` from \`benchmarks/results/latest.json\`; do not edit.

Run on ${result.date.slice(0, 10)}, Node ${result.node}, ${result.processors} × ${result.processor}, load average ${result.loadAtStart.toFixed(1)} at the start: above zero, other work was running on the same cores and every time here is longer than on a quiet machine.

Fleets are generated from a seed (\`benchmarks/random-fleet.ts\`), 96 slots of a quarter of an hour, vehicles connected for about half of them; a commitment costs 0.10 per kWh off; sites have 20 vehicles and 40 % of their power. Every measurement is a process of its own. \`fleet\` times are the whole of \`solve\`: model, search, certificate, plan document. Other solvers' times leave out building the model; CLP reads it from a file, and that counts; \`clp-barrier\` and \`clp-dual\` are its two methods. A solver that is not done after 100 s is ended and shown as \`> 100 s\`. \`highs-each\` solves one small program per vehicle. "first" is the first solve of the process. \`incremental\` plans one new vehicle against the prices in force; \`warm\` solves again after one vehicle in a hundred changed; \`limited\` asks for a gap of zero within ${LIMIT_MS} ms.

![Solve time against fleet size](benchmarks.svg)

${renderTable(result)}

${renderClaims(result)}

Growth exponent from 1,000 vehicles to the largest size:

${exponents.join('\n')}
`;
}

const COLORS = ['#0b6e4f', '#c84630', '#2d5d9f', '#8d6a9f'];

/** Median against size on logarithmic axes, one line per family and gap. */
export function renderFigure(result: BenchmarkResult): string {
  const lines = (
    [
      ['uncoupled', 1e-4],
      ['commitment', 1e-3],
      ['commitment', 1e-4],
      ['commitment and sites', 1e-3],
    ] as const
  ).map(([family, gap]) => ({
    label: family === 'uncoupled' ? 'uncoupled, exact' : `${family}, gap ${gap.toExponential(0)}`,
    points: BENCHMARK_CASES.filter((test) => test.family === family && test.gap === gap).flatMap((test) => {
      const m = find(result, test);
      return m === undefined ? [] : [{ n: test.vehicles, ms: quantile(m, 0.5) }];
    }),
  }));
  const x = (n: number): number => 70 + ((Math.log10(n) - 0.5) / 5.6) * 540;
  const y = (ms: number): number => 330 - ((Math.log10(ms) + 2) / 6.5) * 290;
  const text = (px: number, py: number, label: string, anchor: string, color = '#444'): string =>
    `<text x="${px.toFixed(1)}" y="${py.toFixed(1)}" text-anchor="${anchor}" fill="${color}">${label}</text>`;
  const grid = [1, 2, 3, 4, 5, 6].map(
    (power) =>
      `<line x1="${x(10 ** power)}" y1="40" x2="${x(10 ** power)}" y2="330" stroke="#ddd"/>${text(x(10 ** power), 348, (10 ** power).toLocaleString('en'), 'middle')}`,
  );
  const levels = [-2, -1, 0, 1, 2, 3, 4].map(
    (power) =>
      `<line x1="70" y1="${y(10 ** power)}" x2="610" y2="${y(10 ** power)}" stroke="#ddd"/>${text(64, y(10 ** power) + 4, power < 3 ? `${10 ** power} ms` : `${10 ** (power - 3)} s`, 'end')}`,
  );
  const drawn = lines.map(({ label, points }, k) => {
    const color = COLORS[k % COLORS.length] as string;
    const path = points.map(({ n, ms }) => `${x(n).toFixed(1)},${y(ms).toFixed(1)}`).join(' ');
    const dots = points.map(
      ({ n, ms }) => `<circle cx="${x(n).toFixed(1)}" cy="${y(ms).toFixed(1)}" r="3" fill="${color}"/>`,
    );
    return `<polyline points="${path}" fill="none" stroke="${color}" stroke-width="2"/>${dots.join('')}${text(80, 58 + 16 * k, label, 'start', color)}`;
  });
  const frame = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 380" font-family="sans-serif" font-size="11"><rect width="640" height="380" fill="#fff"/>`;
  const titles = text(340, 24, 'Median time of one solve', 'middle') + text(340, 370, 'vehicles', 'middle');
  return `${frame}${grid.join('')}${levels.join('')}${drawn.join('')}${titles}</svg>\n`;
}
