import uPlot from 'uplot';

const HEIGHT_PX = 320;
const FONT = '12px system-ui, sans-serif';

interface FleetPlotOptions {
  /** Epoch seconds; right of it is plan only. null: nothing is known yet. */
  readonly nowS: () => number | null;
  /** Row under the pointer, null when it leaves. */
  readonly onPoint: (index: number | null) => void;
}

/** An empty plot in `host` whose columns are those of ChartSeries, in their order. Colours come from the CSS. */
export function createFleetPlot(host: HTMLElement, { nowS, onPoint }: FleetPlotOptions): uPlot {
  const color = colorReader(host);
  const stepped = uPlot.paths.stepped?.({ align: 1 });
  const paths = stepped ? { paths: stepped } : {};
  const points = { show: false };
  const axis = { stroke: color('--muted'), font: FONT, ticks: { show: false } };
  const options: uPlot.Options = {
    width: host.clientWidth,
    height: HEIGHT_PX,
    legend: { show: false },
    cursor: { y: false, points: { size: 7 } },
    scales: {
      kw: { range: (_plot, lowest, highest) => rangeAroundZero(lowest, highest) },
      price: { range: (_plot, lowest, highest) => roomAround(lowest, highest) },
    },
    axes: [
      { ...axis, size: 28, grid: { show: false }, values: timeLabels },
      {
        ...axis,
        scale: 'kw',
        size: 64,
        grid: { stroke: color('--hairline'), width: 1 },
        values: (_plot, splits) => splits.map((kw) => `${String(kw).replace('-', '−')} kW`),
      },
      {
        ...axis,
        scale: 'price',
        side: 1,
        size: 56,
        stroke: color('--price'),
        grid: { show: false },
        values: (_plot, splits, _axis, _space, increment) => priceLabels(splits, increment),
      },
    ],
    series: [
      {},
      {
        ...paths,
        points,
        scale: 'kw',
        stroke: color('--import'),
        fill: color('--import-area'),
        width: 1.5,
        fillTo: 0,
      },
      {
        ...paths,
        points,
        scale: 'kw',
        stroke: color('--export'),
        fill: color('--export-area'),
        width: 1.5,
        fillTo: 0,
      },
      { ...paths, points, scale: 'kw', stroke: color('--plan'), width: 2, dash: [6, 4] },
      { ...paths, points, scale: 'price', stroke: color('--price'), width: 1.25 },
    ],
    hooks: {
      drawClear: [(plot) => drawFuture(plot, nowS(), color('--future'))],
      draw: [(plot) => drawNow(plot, nowS(), color('--ink'))],
      setCursor: [(plot) => onPoint(plot.cursor.idx ?? null)],
    },
  };
  return new uPlot(options, [[], [], [], [], []], host);
}

/** Custom properties come back as written; a property that takes a colour comes back as one. */
function colorReader(host: HTMLElement): (name: string) => string {
  return (name) => {
    const probe = document.createElement('span');
    probe.style.color = `var(${name})`;
    host.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  };
}

function rangeAroundZero(lowest: number | null, highest: number | null): [number, number] {
  const low = Math.min(lowest ?? 0, 0);
  const high = Math.max(highest ?? 0, 0);
  const room = Math.max((high - low) * 0.06, 1);
  return [low < 0 ? low - room : 0, high > 0 ? high + room : room];
}

function roomAround(lowest: number | null, highest: number | null): [number, number] {
  const low = lowest ?? 0;
  const high = highest ?? 1;
  const room = Math.max((high - low) * 0.15, 0.01);
  return [low - room, high + room];
}

function timeLabels(_plot: uPlot, splits: number[]): string[] {
  return splits.map((second) => {
    const date = new Date(second * 1000);
    const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
    return isMidnight
      ? date.toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric' })
      : date.toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
  });
}

/** As many decimals as the ticks are apart, two at least. */
function priceLabels(splits: number[], increment: number): string[] {
  const decimals = Math.max(2, String(Number(increment.toPrecision(6))).split('.')[1]?.length ?? 0);
  return splits.map((price) => price.toFixed(decimals).replace('-', '−'));
}

function drawFuture(plot: uPlot, nowS: number | null, color: string): void {
  if (nowS === null) return;
  const { left, top, width, height } = plot.bbox;
  const x = Math.min(Math.max(plot.valToPos(nowS, 'x', true), left), left + width);
  if (!Number.isFinite(x)) return;
  plot.ctx.save();
  plot.ctx.fillStyle = color;
  plot.ctx.fillRect(x, top, left + width - x, height);
  plot.ctx.restore();
}

function drawNow(plot: uPlot, nowS: number | null, color: string): void {
  if (nowS === null) return;
  const { left, top, width, height } = plot.bbox;
  const { ctx } = plot;
  const zero = plot.valToPos(0, 'kw', true);
  const x = plot.valToPos(nowS, 'x', true);
  ctx.save();
  ctx.strokeStyle = color;
  ctx.lineWidth = uPlot.pxRatio;
  ctx.beginPath();
  ctx.moveTo(left, zero);
  ctx.lineTo(left + width, zero);
  if (x >= left && x <= left + width) {
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.fillStyle = color;
    ctx.font = `${11 * uPlot.pxRatio}px system-ui, sans-serif`;
    ctx.textBaseline = 'top';
    ctx.fillText('now', x + 5 * uPlot.pxRatio, top + 3 * uPlot.pxRatio);
  }
  ctx.stroke();
  ctx.restore();
}
