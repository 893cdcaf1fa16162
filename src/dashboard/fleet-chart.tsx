import { useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type uPlot from 'uplot';
import { type ChartSeries, chartSeries } from './chart-series.js';
import { figure, priceText, signedFigure, timeText } from './figures-as-text.js';
import { createFleetPlot } from './fleet-plot.js';
import type { LiveState } from './live-state.js';
import { theme } from './theme-switch.js';

/** The last 24 hours as metered and planned, and the plan ahead, against the price. */
export function FleetChart({ live }: { readonly live: LiveState }) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const pointed = useSignal<number | null>(null);
  const history = live.history.value;
  const plan = live.plan.value;
  const now = history?.to ?? plan?.start;
  const nowMs = now === undefined ? null : Date.parse(now);
  const series = useMemo(() => chartSeries(history, plan, nowMs), [history, plan, nowMs]);
  const nowS = useRef<number | null>(null);
  nowS.current = nowMs === null ? null : nowMs / 1000;

  const { value: themeName } = theme;

  useEffect(() => {
    if (!host.current) return;
    const made = createFleetPlot(host.current, {
      nowS: () => nowS.current,
      onPoint: (index) => {
        pointed.value = index;
      },
    });
    plot.current = made;
    made.setData(columnsOf(series));
    const resize = new ResizeObserver(() => {
      if (host.current) made.setSize({ width: host.current.clientWidth, height: made.height });
    });
    resize.observe(host.current);
    return () => {
      resize.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [themeName]);

  useEffect(() => plot.current?.setData(columnsOf(series)), [series]);

  return (
    <section class="card chart" aria-labelledby="chart-title">
      <div class="chart-head">
        <h2 id="chart-title">Import, export, plan and price</h2>
        <Legend series={series} index={pointed.value} nowMs={nowMs} currency={plan?.currency ?? null} />
      </div>
      <div
        ref={host}
        class="plot"
        role="img"
        aria-label={chartSummary(series, nowMs)}
        data-points={series.startS.length}
      />
    </section>
  );
}

interface LegendProps {
  readonly series: ChartSeries;
  readonly index: number | null;
  readonly nowMs: number | null;
  readonly currency: string | null;
}

/** Names the lines, and their values where the pointer is. */
function Legend({ series, index, nowMs, currency }: LegendProps) {
  const at = index === null ? undefined : series.startS[index];
  const value = (column: readonly (number | null)[]) => (index === null ? null : (column[index] ?? null));
  const exportKw = value(series.exportKw);
  return (
    <ul class="legend">
      <li class="key-import">
        Charging <b>{at === undefined ? '' : `${figure(value(series.importKw))} kW`}</b>
      </li>
      <li class="key-export">
        Discharging <b>{at === undefined ? '' : `${figure(exportKw === null ? null : -exportKw)} kW`}</b>
      </li>
      <li class="key-plan">
        Planned net <b>{at === undefined ? '' : `${signedFigure(value(series.plannedNetKw))} kW`}</b>
      </li>
      <li class="key-price">
        Price <b>{at === undefined ? '' : `${priceText(value(series.pricePerKwh))} ${currency ?? ''}/kWh`}</b>
      </li>
      <li class="legend-time">
        {at === undefined ? '' : timeText(new Date(at * 1000).toISOString(), nowMs ?? at * 1000)}
      </li>
    </ul>
  );
}

function columnsOf(series: ChartSeries): uPlot.AlignedData {
  return [series.startS, series.importKw, series.exportKw, series.plannedNetKw, series.pricePerKwh];
}

function chartSummary({ importKw, exportKw, plannedNetKw }: ChartSeries, nowMs: number | null): string {
  if (nowMs === null) return 'No history yet';
  const most = (column: readonly (number | null)[], sign: 1 | -1) =>
    figure(column.reduce<number>((highest, value) => Math.max(highest, sign * (value ?? 0)), 0));
  return `Last 24 hours: charging up to ${most(importKw, 1)} kW, discharging up to ${most(exportKw, -1)} kW. Planned net power between −${most(plannedNetKw, -1)} and ${most(plannedNetKw, 1)} kW.`;
}
