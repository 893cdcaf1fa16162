import type { RenderedSection } from './rendered-section.js';

/** benchmarks/results/order.json */
export interface OrderResults {
  readonly date: string;
  readonly node: string;
  readonly processors: number;
  readonly cars: number;
  readonly minutes: number;
  readonly live: {
    readonly beforeKw: number;
    readonly targetNetKw: number;
    readonly acceptedS: number;
    readonly firstKwS?: number;
    readonly nineTenthsS?: number;
  };
  readonly delivery: {
    readonly state: string;
    readonly targetNetKw: number;
    readonly askedKwh: number;
    readonly acknowledgedKwh: number;
    readonly meteredKwh: number;
    readonly errorFraction: number;
    readonly reportedEvses: number;
    readonly worstEvseOffWh: number;
    readonly reportOffWh: number;
    readonly missingSteps: number;
    readonly estimatedSteps: number;
    readonly steps: number;
  };
}

/** The table of docs/dispatch-orders.md. */
export function orderSection({
  date,
  node,
  processors,
  cars,
  minutes,
  live,
  delivery,
}: OrderResults): RenderedSection {
  const seconds = (value: number | undefined) => (value === undefined ? 'never' : `${value.toFixed(1)} s`);
  const rows = [
    ['live: ordered', `${live.beforeKw.toFixed(0)} → ${live.targetNetKw} kW, from now on`],
    ['answered after', seconds(live.acceptedS)],
    ['first kW at the meters after', seconds(live.firstKwS)],
    ['nine tenths of the change after', seconds(live.nineTenthsS)],
    [
      'delivery: ordered',
      `${delivery.targetNetKw} kW for ${minutes} minutes, between the marks of plans and books`,
    ],
    [
      'asked, acknowledged, metered',
      `${delivery.askedKwh}, ${delivery.acknowledgedKwh}, ${delivery.meteredKwh} kWh`,
    ],
    ['metered against asked', `${(100 * delivery.errorFraction).toFixed(2)} % off; ${delivery.state}`],
    [
      'report against the registers in the stations’ messages',
      `${delivery.reportOffWh} Wh off in all, ${delivery.worstEvseOffWh} Wh at the worst of ${delivery.reportedEvses} EVSEs`,
    ],
    [
      'steps of the report',
      `${delivery.steps}, of which ${delivery.missingSteps} with a silent meter and ${delivery.estimatedSteps} estimated`,
    ],
  ];
  const text = `Measured on ${date.slice(0, 10)} with ${cars} simulated cars on real WebSockets, everything in one process, Node ${node} on ${processors} processors.

| ${cars} cars | |
| --- | --- |
${rows.map(([what, value]) => `| ${what} | ${value} |`).join('\n')}`;
  return { page: 'docs/dispatch-orders.md', name: 'order', text };
}
