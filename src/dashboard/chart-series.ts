import type { FleetHistory, Plan } from './api-contract.js';

/**
 * Columns of the fleet chart, one row per step begin. Metered export is negative, so that it hangs below the
 * line; metered columns end at now, the planned ones go on. Each column ends with its last value repeated
 * where its last step ends: the chart draws steps, and the last one has a width too.
 */
export interface ChartSeries {
  readonly startS: number[];
  readonly importKw: (number | null)[];
  readonly exportKw: (number | null)[];
  readonly plannedNetKw: (number | null)[];
  readonly pricePerKwh: (number | null)[];
}

interface Row {
  importKw: number | null;
  exportKw: number | null;
  plannedNetKw: number | null;
  pricePerKwh: number | null;
}

/** The last day as metered and planned, then the plan in force from `nowMs` on. */
export function chartSeries(
  history: FleetHistory | null,
  plan: Plan | null,
  nowMs: number | null,
): ChartSeries {
  const rows = new Map<number, Row>();
  const rowAt = (instantMs: number): Row => {
    const known = rows.get(instantMs);
    if (known) return known;
    const row: Row = { importKw: null, exportKw: null, plannedNetKw: null, pricePerKwh: null };
    rows.set(instantMs, row);
    return row;
  };

  if (history) {
    for (const step of history.steps) {
      Object.assign(rowAt(Date.parse(step.start)), {
        importKw: step.importKw,
        exportKw: -step.exportKw,
        plannedNetKw: step.plannedNetKw,
        pricePerKwh: step.importPerKwh,
      });
    }
    const last = history.steps.at(-1);
    if (last) {
      const end = rowAt(Date.parse(history.to));
      end.importKw ??= last.importKw;
      end.exportKw ??= -last.exportKw;
      end.plannedNetKw ??= last.plannedNetKw;
      end.pricePerKwh ??= last.importPerKwh;
    }
  }
  if (plan && nowMs !== null) {
    const slotMs = plan.slotMinutes * 60_000;
    const startMs = Date.parse(plan.start);
    plan.netKw.forEach((netKw, slot) => {
      const endMs = startMs + (slot + 1) * slotMs;
      if (endMs <= nowMs) return;
      const planned = { plannedNetKw: netKw, pricePerKwh: plan.importPerKwh[slot] ?? null };
      // The slot under way begins, for the chart, now: what was planned before is history.
      Object.assign(rowAt(Math.max(startMs + slot * slotMs, nowMs)), planned);
      if (slot === plan.netKw.length - 1) Object.assign(rowAt(endMs), planned);
    });
  }

  const sorted = [...rows].sort(([left], [right]) => left - right);
  return {
    startS: sorted.map(([instantMs]) => instantMs / 1000),
    importKw: sorted.map(([, row]) => row.importKw),
    exportKw: sorted.map(([, row]) => row.exportKw),
    plannedNetKw: sorted.map(([, row]) => row.plannedNetKw),
    pricePerKwh: sorted.map(([, row]) => row.pricePerKwh),
  };
}
