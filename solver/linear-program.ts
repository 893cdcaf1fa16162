import { limitAt, type ProblemDocument, slotHours } from './problem.js';

/** min cost·x with bounds on columns and rows; rows sparse, one after another (CSR). Plain data. */
export interface LinearProgram {
  readonly cost: number[];
  readonly columnLower: number[];
  readonly columnUpper: number[];
  readonly rowLower: number[];
  readonly rowUpper: number[];
  /** rowCount + 1 entries. */
  readonly rowStart: number[];
  readonly column: number[];
  readonly value: number[];
  /** Columns that must be 0 or 1. */
  readonly binary: number[];
}

/** Where the parts of a vehicle's plan stand among the columns, by vehicle. */
export interface LinearProgramMap {
  /** Columns of imported kW, exported kW and energy after the slot: first of the window each. */
  readonly importColumn: readonly number[];
  readonly exportColumn: readonly number[];
  readonly energyColumn: readonly number[];
  /** Row of the first slot's energy balance, (6). */
  readonly balanceRow: readonly number[];
  /** Rows of (2)/(3) by slot and of (4) by site and slot; −1 where there is none. */
  readonly fleetRow: readonly number[];
  readonly siteRow: readonly (readonly number[])[];
  /** By reserve: column of the sold kW, and of the shares by vehicle (first of the overlap, −1 for none). */
  readonly soldColumn: readonly number[];
  readonly upColumn: readonly (readonly number[])[];
  readonly downColumn: readonly (readonly number[])[];
}

export interface BuiltLinearProgram {
  readonly program: LinearProgram;
  readonly map: LinearProgramMap;
}

const INFINITY = Number.POSITIVE_INFINITY;

/** More than the fleet's net power or reserve can ever be, so that every column of a soft row is bounded. */
function totalKw(problem: ProblemDocument): number {
  return problem.vehicles.reduce(
    (sum, { maxChargeKw, maxDischargeKw }) => sum + maxChargeKw + maxDischargeKw,
    0,
  );
}

class Builder {
  readonly program: LinearProgram = {
    cost: [],
    columnLower: [],
    columnUpper: [],
    rowLower: [],
    rowUpper: [],
    rowStart: [0],
    column: [],
    value: [],
    binary: [],
  };

  addColumn(cost: number, lower: number, upper: number): number {
    this.program.cost.push(cost);
    this.program.columnLower.push(lower);
    return this.program.columnUpper.push(upper) - 1;
  }

  /** Terms alternate column and coefficient. */
  addRow(lower: number, upper: number, terms: readonly number[]): number {
    const { column, value, rowStart, rowLower, rowUpper } = this.program;
    for (let k = 0; k < terms.length; k += 2) {
      column.push(terms[k] as number);
      value.push(terms[k + 1] as number);
    }
    rowStart.push(column.length);
    rowLower.push(lower);
    return rowUpper.push(upper) - 1;
  }
}

/**
 * The whole problem as one linear program, (1) to (7), with import and export as two columns per slot. A slot
 * may hold both above zero where burning energy pays; `oneWay` lists pairs [vehicle, slot of the window] that
 * get a binary column against it.
 */
export function buildLinearProgram(
  problem: ProblemDocument,
  oneWay: readonly (readonly [number, number])[] = [],
): BuiltLinearProgram {
  const builder = new Builder();
  const hours = slotHours(problem);
  const slots = problem.horizon.slots;
  const fleetTerms: number[][] = Array.from({ length: slots }, () => []);
  const siteTerms: number[][][] = problem.sites.map(() => Array.from({ length: slots }, () => []));
  const siteIndex = new Map(problem.sites.map((site, s) => [site.id, s]));
  const reserveTerms = problem.reserves.map(({ fromSlot, endSlot }) => ({
    up: Array.from({ length: endSlot - fromSlot }, (): number[] => []),
    down: Array.from({ length: endSlot - fromSlot }, (): number[] => []),
  }));
  const importColumn: number[] = [];
  const exportColumn: number[] = [];
  const energyColumn: number[] = [];
  const balanceRow: number[] = [];
  const upColumn: number[][] = problem.reserves.map(() => []);
  const downColumn: number[][] = problem.reserves.map(() => []);

  problem.vehicles.forEach((vehicle, i) => {
    const { firstSlot, endSlot } = vehicle;
    const length = endSlot - firstSlot;
    const floor = Math.min(vehicle.minEnergyKwh, vehicle.energyKwh);
    const ceiling = Math.max(vehicle.maxEnergyKwh, vehicle.energyKwh);
    const columns = (add: (t: number) => number): number => {
      const start = builder.program.cost.length;
      for (let t = firstSlot; t < endSlot; t += 1) add(t);
      return start;
    };
    const bought = columns((t) =>
      builder.addColumn((problem.prices.importPerKwh[t] as number) * hours, 0, vehicle.maxChargeKw),
    );
    const sold = columns((t) =>
      builder.addColumn(
        (vehicle.wearPerKwh - (problem.prices.exportPerKwh[t] as number)) * hours,
        0,
        vehicle.maxDischargeKw,
      ),
    );
    const stored = columns(() => builder.addColumn(0, floor, ceiling));
    const short = builder.addColumn(problem.shortfallPenaltyPerKwh, 0, vehicle.targetEnergyKwh);
    importColumn.push(bought);
    exportColumn.push(sold);
    energyColumn.push(stored);
    balanceRow.push(builder.program.rowLower.length);
    for (let k = 0; k < length; k += 1) {
      const terms = [stored + k, 1, bought + k, -hours * vehicle.chargeEfficiency];
      terms.push(sold + k, hours / vehicle.dischargeEfficiency);
      if (k > 0) terms.push(stored + k - 1, -1);
      const right = k > 0 ? 0 : vehicle.energyKwh;
      builder.addRow(right, right, terms);
      fleetTerms[firstSlot + k]?.push(bought + k, 1, sold + k, -1);
      const s = vehicle.siteId === undefined ? undefined : siteIndex.get(vehicle.siteId);
      if (s !== undefined) siteTerms[s]?.[firstSlot + k]?.push(bought + k, 1, sold + k, -1);
    }
    if (length > 0) builder.addRow(vehicle.targetEnergyKwh, INFINITY, [stored + length - 1, 1, short, 1]);
    else builder.addRow(vehicle.targetEnergyKwh - vehicle.energyKwh, INFINITY, [short, 1]);

    // Shares and what backs them, (7); the products of a slot share its room.
    const backing = Array.from({ length }, () => ({ up: [] as number[], down: [] as number[] }));
    problem.reserves.forEach((reserve, r) => {
      const from = Math.max(firstSlot, reserve.fromSlot);
      const to = Math.min(endSlot, reserve.endSlot);
      const add = (wanted: boolean, side: 'up' | 'down'): number => {
        if (!wanted || from >= to) return -1;
        const start = builder.program.cost.length;
        for (let t = from; t < to; t += 1) {
          const column = builder.addColumn(
            0,
            0,
            (vehicle.maxChargeKw + vehicle.maxDischargeKw) / reserve.powerFactor,
          );
          backing[t - firstSlot]?.[side].push(column, reserve.powerFactor, reserve.sustainMinutes / 60);
          reserveTerms[r]?.[side][t - reserve.fromSlot]?.push(column, 1);
        }
        return start;
      };
      upColumn[r]?.push(add(reserve.direction !== 'down', 'up'));
      downColumn[r]?.push(add(reserve.direction !== 'up', 'down'));
    });
    backing.forEach(({ up, down }, k) => {
      const weighted = (list: readonly number[], part: 1 | 2, factor: number): number[] => {
        const terms: number[] = [];
        for (let c = 0; c < list.length; c += 3)
          terms.push(list[c] as number, (list[c + part] as number) * factor);
        return terms;
      };
      if (up.length > 0) {
        const drawn = weighted(up, 2, -1 / vehicle.dischargeEfficiency);
        builder.addRow(-vehicle.maxDischargeKw, INFINITY, [
          bought + k,
          1,
          sold + k,
          -1,
          ...weighted(up, 1, -1),
        ]);
        builder.addRow(floor, INFINITY, [stored + k, 1, ...drawn]);
        if (k > 0) builder.addRow(floor, INFINITY, [stored + k - 1, 1, ...drawn]);
        else builder.addRow(floor - vehicle.energyKwh, INFINITY, drawn);
      }
      if (down.length > 0) {
        const taken = weighted(down, 2, vehicle.chargeEfficiency);
        builder.addRow(-INFINITY, vehicle.maxChargeKw, [
          bought + k,
          1,
          sold + k,
          -1,
          ...weighted(down, 1, 1),
        ]);
        builder.addRow(-INFINITY, ceiling, [stored + k, 1, ...taken]);
        if (k > 0) builder.addRow(-INFINITY, ceiling, [stored + k - 1, 1, ...taken]);
        else builder.addRow(-INFINITY, ceiling - vehicle.energyKwh, taken);
      }
    });
    for (const [j, k] of oneWay) {
      if (j !== i) continue;
      const way = builder.addColumn(0, 0, 1);
      builder.program.binary.push(way);
      builder.addRow(-INFINITY, 0, [bought + k, 1, way, -vehicle.maxChargeKw]);
      builder.addRow(-INFINITY, vehicle.maxDischargeKw, [sold + k, 1, way, vehicle.maxDischargeKw]);
    }
  });

  const most = totalKw(problem);
  const fleetRow = fleetTerms.map((terms, t) => addFleetRows(builder, problem, t, terms, most));
  const siteRow = siteTerms.map((bySlot, s) =>
    bySlot.map((terms, t) => {
      const importKw = limitAt(problem.sites[s]?.importLimitKw, t);
      const exportKw = limitAt(problem.sites[s]?.exportLimitKw, t);
      if (terms.length === 0 || (importKw === INFINITY && exportKw === INFINITY)) return -1;
      return builder.addRow(-exportKw, importKw, terms);
    }),
  );
  const soldColumn = problem.reserves.map((reserve, r) => {
    const blockHours = (reserve.endSlot - reserve.fromSlot) * hours;
    const backable = most / reserve.powerFactor;
    const mostSold = blockHours > 0 ? Math.min(reserve.maxKw ?? INFINITY, backable) : 0;
    const column = builder.addColumn(-reserve.pricePerKwPerHour * blockHours, 0, mostSold);
    const { up, down } = reserveTerms[r] ?? { up: [], down: [] };
    if (reserve.direction !== 'down') for (const terms of up) builder.addRow(0, 0, [...terms, column, -1]);
    if (reserve.direction !== 'up') for (const terms of down) builder.addRow(0, 0, [...terms, column, -1]);
    return column;
  });
  return {
    program: builder.program,
    map: {
      importColumn,
      exportColumn,
      energyColumn,
      balanceRow,
      fleetRow,
      siteRow,
      soldColumn,
      upColumn,
      downColumn,
    },
  };
}

/** (2) and (3) for one slot: fleet net − over + under = sold, and the net within its limits. */
function addFleetRows(
  builder: Builder,
  problem: ProblemDocument,
  t: number,
  terms: readonly number[],
  mostKw: number,
): number {
  const hours = slotHours(problem);
  const importKw = limitAt(problem.fleet?.importLimitKw, t);
  const exportKw = limitAt(problem.fleet?.exportLimitKw, t);
  const limited = importKw !== INFINITY || exportKw !== INFINITY;
  const sold = problem.commitment?.netKw[t];
  if (problem.commitment === undefined || sold === null || sold === undefined) {
    return limited && terms.length > 0 ? builder.addRow(-exportKw, importKw, terms) : -1;
  }
  const deviation = problem.commitment.deviationPerKwh * hours;
  const over = builder.addColumn(deviation, 0, Math.abs(sold) + mostKw);
  const under = builder.addColumn(deviation, 0, Math.abs(sold) + mostKw);
  const row = builder.addRow(sold, sold, [...terms, over, -1, under, 1]);
  // net = sold + over − under
  if (limited) builder.addRow(-exportKw - sold, importKw - sold, [over, 1, under, -1]);
  return row;
}
