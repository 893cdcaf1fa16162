import { factorise, solveLower, solveUpper } from './cholesky.js';

/** Σ ±net[slot] over the columns chosen, less `right`: costs `over` per kW above and `under` per kW below. */
export interface MasterRow {
  readonly slot: number;
  readonly sign: 1 | -1;
  readonly right: number;
  readonly over: number;
  readonly under: number;
}

/** One way for a group of vehicles to behave: its cost and its net power per slot, kW. */
export interface GroupColumn {
  /** Which of the group's parts it belongs to; the shares of each part sum to one. */
  readonly part: number;
  readonly cost: number;
  readonly netKw: Float64Array;
}

/** Parts that share rows in which nobody else takes part; a part is a set of vehicles with columns. */
export interface MasterGroup {
  readonly partCount: number;
  readonly columns: readonly GroupColumn[];
  readonly rows: readonly MasterRow[];
}

export interface MasterAnswer {
  /** Prices of the common rows and, by group, of its own rows; currency per kW. */
  readonly prices: Float64Array;
  readonly groupPrices: readonly Float64Array[];
  /** Share of each column, by group. */
  readonly weights: readonly Float64Array[];
  readonly objective: number;
}

/** x > 0 with its dual z > 0, as pairs of arrays. */
interface Slacks {
  readonly overX: Float64Array;
  readonly overZ: Float64Array;
  readonly underX: Float64Array;
  readonly underZ: Float64Array;
  readonly price: Float64Array;
  readonly step: Float64Array;
  readonly overPush: Float64Array;
  readonly underPush: Float64Array;
}

interface Block {
  readonly group: MasterGroup;
  readonly count: number;
  /** Own rows of the block, and all rows it stands in: own first, then common. */
  readonly own: number;
  readonly rows: number;
  /** count × rows, row-major: what a unit of each column adds to each row. */
  readonly values: Float64Array;
  readonly cost: Float64Array;
  readonly x: Float64Array;
  readonly z: Float64Array;
  readonly push: Float64Array;
  readonly dx: Float64Array;
  readonly dz: Float64Array;
  /** Columns over the root of their weight, less what lies along their part's ones; count × rows. */
  readonly scaled: Float64Array;
  /** Entry of each column in its part's unit vector of ones. */
  readonly unit: Float64Array;
  /** Rows × rows, lower triangle: the factor of the own rows, then what is left for the common ones. */
  readonly system: Float64Array;
  readonly right: Float64Array;
  readonly slacks: Slacks;
}

const MAX_ITERATIONS = 40;
/** Share of the way to the boundary that a step may go. */
const STEP_SHARE = 0.98;

/**
 * Restricted master of the Dantzig–Wolfe decomposition, (24): the cheapest mix of each group's columns under the
 * rows. Feasible primal–dual interior point with a Mehrotra corrector. Stops at relative gap `tolerance`, far
 * from a vertex on purpose: central prices make better next columns. `startPrices` is where prices start.
 * Dense systems are own rows × own rows per group, which are eliminated, and common rows × common rows.
 */
export function solveMaster(
  groups: readonly MasterGroup[],
  rows: readonly MasterRow[],
  tolerance: number,
  startPrices: ArrayLike<number>,
  startGroupPrices: readonly (ArrayLike<number> | undefined)[],
): MasterAnswer {
  const blocks = groups.map((group, g) => createBlock(group, rows, startGroupPrices[g]));
  const common = createSlacks(rows, startPrices);
  start(blocks, common, rows);
  const size = rows.length;
  const schur = new Float64Array(size * size);
  let objective = 0;
  for (let iteration = 0; iteration < MAX_ITERATIONS; iteration += 1) {
    const { gap, count } = complementarity(blocks, common);
    objective = primalObjective(blocks, common, rows);
    if (gap <= tolerance * Math.max(1e-3, Math.abs(objective))) break;
    const mean = gap / count;
    factoriseAll(blocks, common, schur, size);
    // Predictor: straight at the optimum; then a corrector with what the predictor left over.
    pushTowards(blocks, common, 0, false);
    direction(blocks, common, schur, size);
    const reach = stepLengths(blocks, common);
    const left = complementarityAfter(blocks, common, reach.primal, reach.dual) / gap;
    pushTowards(blocks, common, mean * Math.max(left ** 3, 1e-4), true);
    direction(blocks, common, schur, size);
    const { primal, dual } = stepLengths(blocks, common);
    advance(blocks, common, primal * STEP_SHARE, dual * STEP_SHARE);
  }
  return {
    prices: common.price,
    groupPrices: blocks.map((block) => block.slacks.price),
    weights: blocks.map((block) => block.x),
    objective,
  };
}

function createSlacks(rows: readonly MasterRow[], startPrices: ArrayLike<number> | undefined): Slacks {
  const n = rows.length;
  const make = (): Float64Array => new Float64Array(n);
  const slacks: Slacks = {
    overX: make(),
    overZ: make(),
    underX: make(),
    underZ: make(),
    price: make(),
    step: make(),
    overPush: make(),
    underPush: make(),
  };
  rows.forEach(({ over, under }, r) => {
    // Strictly inside (−under, over), so that both duals start above zero.
    const room = (over + under) * 0.02;
    const price = Math.min(Math.max(startPrices?.[r] ?? 0, -under + room), over - room);
    slacks.price[r] = price;
    slacks.overZ[r] = over - price;
    slacks.underZ[r] = under + price;
  });
  return slacks;
}

function createBlock(
  group: MasterGroup,
  common: readonly MasterRow[],
  startPrices: ArrayLike<number> | undefined,
): Block {
  const count = group.columns.length;
  const list = [...group.rows, ...common];
  const rows = list.length;
  const values = new Float64Array(count * rows);
  const sizes = new Float64Array(group.partCount);
  group.columns.forEach(({ part, netKw }, j) => {
    sizes[part] = (sizes[part] as number) + 1;
    list.forEach(({ slot, sign }, r) => {
      values[j * rows + r] = sign * (netKw[slot] as number);
    });
  });
  const make = (): Float64Array => new Float64Array(count);
  return {
    group,
    count,
    own: group.rows.length,
    rows,
    values,
    cost: Float64Array.from(group.columns, ({ cost }) => cost),
    x: Float64Array.from(group.columns, ({ part }) => 1 / (sizes[part] as number)),
    z: make(),
    push: make(),
    dx: make(),
    dz: make(),
    scaled: new Float64Array(count * rows),
    unit: make(),
    system: new Float64Array(rows * rows),
    right: new Float64Array(rows),
    slacks: createSlacks(group.rows, startPrices),
  };
}

/** A strictly feasible pair: even shares, slacks that close the rows, prices below every reduced cost. */
function start(blocks: readonly Block[], common: Slacks, rows: readonly MasterRow[]): void {
  const activity = new Float64Array(rows.length);
  let spread = 0;
  let parts = 0;
  for (const block of blocks) {
    const activityOf = rowActivity(block, block.x);
    for (let r = 0; r < activity.length; r += 1) {
      activity[r] = (activity[r] as number) + (activityOf[block.own + r] as number);
    }
    const reduced = reducedCosts(block, common);
    const { columns, partCount } = block.group;
    const lowest = new Float64Array(partCount).fill(Number.POSITIVE_INFINITY);
    columns.forEach(({ part }, j) => {
      lowest[part] = Math.min(lowest[part] as number, reduced[j] as number);
    });
    columns.forEach(({ part }, j) => {
      const above = (reduced[j] as number) - (lowest[part] as number);
      block.z[j] = above;
      spread += above * (block.x[j] as number);
    });
    parts += partCount;
  }
  const typical = Math.max(spread / Math.max(1, parts), 1e-9);
  for (const block of blocks) {
    const room = 0.3 * typical;
    block.z.forEach((value, j) => {
      block.z[j] = value + room;
    });
    openSlacks(block.slacks, block.group.rows, rowActivity(block, block.x), room);
  }
  openSlacks(common, rows, activity, typical);
}

/** over − under = activity − right, both above zero, with products near `aim`. */
function openSlacks(slacks: Slacks, rows: readonly MasterRow[], activity: Float64Array, aim: number): void {
  rows.forEach(({ right }, r) => {
    const off = (activity[r] as number) - right;
    const extra = Math.min(aim / (slacks.overZ[r] as number), aim / (slacks.underZ[r] as number));
    slacks.overX[r] = Math.max(off, 0) + extra;
    slacks.underX[r] = Math.max(-off, 0) + extra;
  });
}

/** What shares of the columns add to each row. */
function rowActivity({ values, rows, count }: Block, shares: Float64Array): Float64Array {
  const activity = new Float64Array(rows);
  for (let j = 0; j < count; j += 1) {
    const share = shares[j] as number;
    for (let r = 0; r < rows; r += 1)
      activity[r] = (activity[r] as number) + share * (values[j * rows + r] as number);
  }
  return activity;
}

/** cost + prices · column, for each column of a block. */
function reducedCosts({ cost, values, own, rows, slacks }: Block, common: Slacks): Float64Array {
  return cost.map((value, j) => {
    let sum = value;
    for (let r = 0; r < own; r += 1) sum += (values[j * rows + r] as number) * (slacks.price[r] as number);
    for (let r = own; r < rows; r += 1)
      sum += (values[j * rows + r] as number) * (common.price[r - own] as number);
    return sum;
  });
}

function complementarity(blocks: readonly Block[], common: Slacks): { gap: number; count: number } {
  let gap = dot(common.overX, common.overZ) + dot(common.underX, common.underZ);
  let count = 2 * common.price.length;
  for (const { x, z, slacks } of blocks) {
    gap += dot(x, z) + dot(slacks.overX, slacks.overZ) + dot(slacks.underX, slacks.underZ);
    count += x.length + 2 * slacks.price.length;
  }
  return { gap, count };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k += 1) sum += (a[k] as number) * (b[k] as number);
  return sum;
}

function primalObjective(blocks: readonly Block[], common: Slacks, rows: readonly MasterRow[]): number {
  const penalty = (slacks: Slacks, list: readonly MasterRow[]): number =>
    list.reduce(
      (sum, { over, under }, r) =>
        sum + over * (slacks.overX[r] as number) + under * (slacks.underX[r] as number),
      0,
    );
  return blocks.reduce(
    (sum, block) => sum + dot(block.cost, block.x) + penalty(block.slacks, block.group.rows),
    penalty(common, rows),
  );
}

/** Diagonal that a row's two slacks contribute: how far they give way per unit of price. */
function give(slacks: Slacks, r: number): number {
  return (
    (slacks.overX[r] as number) / (slacks.overZ[r] as number) +
    (slacks.underX[r] as number) / (slacks.underZ[r] as number)
  );
}

/** Factors each block, (25), and the dense system of the common rows, (26). */
function factoriseAll(blocks: readonly Block[], common: Slacks, schur: Float64Array, size: number): void {
  schur.fill(0);
  for (let r = 0; r < size; r += 1) schur[r * size + r] = give(common, r);
  for (const block of blocks) {
    factoriseBlock(block);
    addToSchur(block, schur, size);
  }
  factorise(schur, size);
}

/** Own system of a block: columns weighted by x/z, with the shares of each part kept at one. */
function factoriseBlock(block: Block): void {
  const { own, rows, count, scaled, system, slacks } = block;
  scaleColumns(block);
  system.fill(0);
  for (let j = 0; j < count; j += 1) {
    for (let r = 0; r < rows; r += 1) {
      const left = scaled[j * rows + r] as number;
      if (left === 0) continue;
      const at = r * rows;
      for (let s = 0; s <= r; s += 1) {
        system[at + s] = (system[at + s] as number) + left * (scaled[j * rows + s] as number);
      }
    }
  }
  for (let r = 0; r < own; r += 1) system[r * rows + r] = (system[r * rows + r] as number) + give(slacks, r);
  eliminateOwn(system, own, rows);
}

function scaleColumns({ group, count, rows, values, x, z, scaled, unit }: Block): void {
  const { partCount, columns } = group;
  const length = new Float64Array(partCount);
  const along = new Float64Array(partCount * rows);
  for (let j = 0; j < count; j += 1) {
    const weight = (x[j] as number) / (z[j] as number);
    const part = (columns[j] as GroupColumn).part;
    length[part] = (length[part] as number) + weight;
    for (let r = 0; r < rows; r += 1) {
      along[part * rows + r] = (along[part * rows + r] as number) + weight * (values[j * rows + r] as number);
    }
  }
  for (let j = 0; j < count; j += 1) {
    const root = Math.sqrt((x[j] as number) / (z[j] as number));
    const part = (columns[j] as GroupColumn).part;
    const total = length[part] as number;
    unit[j] = root / Math.sqrt(total);
    for (let r = 0; r < rows; r += 1) {
      scaled[j * rows + r] =
        root * ((values[j * rows + r] as number) - (along[part * rows + r] as number) / total);
    }
  }
}

/** Cholesky of the first `own` rows; the rest becomes the Schur complement. Lower triangle, in place. */
function eliminateOwn(system: Float64Array, own: number, rows: number): void {
  for (let k = 0; k < own; k += 1) {
    const root = Math.sqrt(Math.max(system[k * rows + k] as number, 1e-300));
    system[k * rows + k] = root;
    for (let r = k + 1; r < rows; r += 1) system[r * rows + k] = (system[r * rows + k] as number) / root;
    for (let r = k + 1; r < rows; r += 1) {
      const left = system[r * rows + k] as number;
      if (left === 0) continue;
      for (let s = k + 1; s <= r; s += 1) {
        system[r * rows + s] = (system[r * rows + s] as number) - left * (system[s * rows + k] as number);
      }
    }
  }
}

function addToSchur({ own, rows, system }: Block, schur: Float64Array, size: number): void {
  for (let r = 0; r < size; r += 1) {
    for (let s = 0; s <= r; s += 1) {
      schur[r * size + s] = (schur[r * size + s] as number) + (system[(own + r) * rows + own + s] as number);
    }
  }
}

/** Right-hand sides (τ − x·z − second-order term)/x. */
function pushTowards(blocks: readonly Block[], common: Slacks, aim: number, corrected: boolean): void {
  const slackPush = (slacks: Slacks): void => {
    for (let r = 0; r < slacks.price.length; r += 1) {
      const overX = slacks.overX[r] as number;
      const overZ = slacks.overZ[r] as number;
      const underX = slacks.underX[r] as number;
      const underZ = slacks.underZ[r] as number;
      const step = slacks.step[r] as number;
      const overStep = (overX / overZ) * ((slacks.overPush[r] as number) + step);
      const underStep = (underX / underZ) * ((slacks.underPush[r] as number) - step);
      slacks.overPush[r] = (aim - (corrected ? -overStep * step : 0)) / overX - overZ;
      slacks.underPush[r] = (aim - (corrected ? underStep * step : 0)) / underX - underZ;
    }
  };
  slackPush(common);
  for (const { x, z, dx, dz, push, slacks } of blocks) {
    for (let j = 0; j < x.length; j += 1) {
      const second = corrected ? (dx[j] as number) * (dz[j] as number) : 0;
      push[j] = (aim - second) / (x[j] as number) - (z[j] as number);
    }
    slackPush(slacks);
  }
}

/** Row right-hand side that the slacks' pushes leave. */
function slackRight(slacks: Slacks, r: number): number {
  return (
    ((slacks.overX[r] as number) / (slacks.overZ[r] as number)) * (slacks.overPush[r] as number) -
    ((slacks.underX[r] as number) / (slacks.underZ[r] as number)) * (slacks.underPush[r] as number)
  );
}

/** Newton direction for the current pushes; fills `step` of all slacks and dx, dz of all blocks. */
function direction(blocks: readonly Block[], common: Slacks, schur: Float64Array, size: number): void {
  const right = common.step;
  for (let r = 0; r < size; r += 1) right[r] = -slackRight(common, r);
  for (const block of blocks) {
    blockRight(block);
    for (let r = 0; r < size; r += 1)
      right[r] = (right[r] as number) + (block.right[block.own + r] as number);
  }
  solveLower(schur, size, right);
  solveUpper(schur, size, right);
  for (const block of blocks) finishBlock(block, right);
}

/** √(x/z)·push, less what lies along the ones of each part. */
function projectedPush({ group, count, x, z, push, unit }: Block): Float64Array {
  const along = new Float64Array(group.partCount);
  const wanted = push.map((value, j) => value * Math.sqrt((x[j] as number) / (z[j] as number)));
  const partOf = (j: number): number => (group.columns[j] as GroupColumn).part;
  for (let j = 0; j < count; j += 1) {
    along[partOf(j)] = (along[partOf(j)] as number) + (wanted[j] as number) * (unit[j] as number);
  }
  return wanted.map((value, j) => value - (along[partOf(j)] as number) * (unit[j] as number));
}

/** Right-hand side of a block with its own rows eliminated. */
function blockRight(block: Block): void {
  const { own, rows, count, scaled, system, right, slacks } = block;
  const wanted = projectedPush(block);
  right.fill(0);
  for (let j = 0; j < count; j += 1) {
    const value = wanted[j] as number;
    for (let r = 0; r < rows; r += 1)
      right[r] = (right[r] as number) + value * (scaled[j * rows + r] as number);
  }
  for (let r = 0; r < own; r += 1) right[r] = (right[r] as number) - slackRight(slacks, r);
  for (let k = 0; k < own; k += 1) {
    const value = (right[k] as number) / (system[k * rows + k] as number);
    right[k] = value;
    for (let r = k + 1; r < rows; r += 1)
      right[r] = (right[r] as number) - value * (system[r * rows + k] as number);
  }
}

function finishBlock(block: Block, commonStep: Float64Array): void {
  const { own, rows, count, scaled, system, right, dx, dz, push, x, z, slacks } = block;
  for (let k = own - 1; k >= 0; k -= 1) {
    let value = right[k] as number;
    for (let r = k + 1; r < own; r += 1)
      value -= (system[r * rows + k] as number) * (slacks.step[r] as number);
    for (let r = own; r < rows; r += 1)
      value -= (system[r * rows + k] as number) * (commonStep[r - own] as number);
    slacks.step[k] = value / (system[k * rows + k] as number);
  }
  const wanted = projectedPush(block);
  for (let j = 0; j < count; j += 1) {
    let value = wanted[j] as number;
    for (let r = 0; r < own; r += 1) value -= (scaled[j * rows + r] as number) * (slacks.step[r] as number);
    for (let r = own; r < rows; r += 1)
      value -= (scaled[j * rows + r] as number) * (commonStep[r - own] as number);
    dx[j] = value * Math.sqrt((x[j] as number) / (z[j] as number));
    dz[j] = (push[j] as number) - ((z[j] as number) / (x[j] as number)) * (dx[j] as number);
  }
}

function stepLengths(blocks: readonly Block[], common: Slacks): { primal: number; dual: number } {
  let primal = 1 / STEP_SHARE;
  let dual = 1 / STEP_SHARE;
  const limitPrimal = (x: number, dx: number): void => {
    if (dx < 0) primal = Math.min(primal, -x / dx);
  };
  const limitDual = (z: number, dz: number): void => {
    if (dz < 0) dual = Math.min(dual, -z / dz);
  };
  const slackLimits = (slacks: Slacks): void => {
    for (let r = 0; r < slacks.price.length; r += 1) {
      const step = slacks.step[r] as number;
      limitDual(slacks.overZ[r] as number, -step);
      limitDual(slacks.underZ[r] as number, step);
      limitPrimal(slacks.overX[r] as number, overMove(slacks, r));
      limitPrimal(slacks.underX[r] as number, underMove(slacks, r));
    }
  };
  slackLimits(common);
  for (const { x, z, dx, dz, slacks } of blocks) {
    for (let j = 0; j < x.length; j += 1) {
      limitPrimal(x[j] as number, dx[j] as number);
      limitDual(z[j] as number, dz[j] as number);
    }
    slackLimits(slacks);
  }
  return { primal, dual };
}

function overMove(slacks: Slacks, r: number): number {
  const ratio = (slacks.overX[r] as number) / (slacks.overZ[r] as number);
  return ratio * ((slacks.overPush[r] as number) + (slacks.step[r] as number));
}

function underMove(slacks: Slacks, r: number): number {
  const ratio = (slacks.underX[r] as number) / (slacks.underZ[r] as number);
  return ratio * ((slacks.underPush[r] as number) - (slacks.step[r] as number));
}

function complementarityAfter(
  blocks: readonly Block[],
  common: Slacks,
  primal: number,
  dual: number,
): number {
  const p = Math.min(1, primal);
  const d = Math.min(1, dual);
  let gap = 0;
  const slackGap = (slacks: Slacks): void => {
    for (let r = 0; r < slacks.price.length; r += 1) {
      const step = d * (slacks.step[r] as number);
      gap += ((slacks.overX[r] as number) + p * overMove(slacks, r)) * ((slacks.overZ[r] as number) - step);
      gap +=
        ((slacks.underX[r] as number) + p * underMove(slacks, r)) * ((slacks.underZ[r] as number) + step);
    }
  };
  slackGap(common);
  for (const { x, z, dx, dz, slacks } of blocks) {
    for (let j = 0; j < x.length; j += 1) {
      gap += ((x[j] as number) + p * (dx[j] as number)) * ((z[j] as number) + d * (dz[j] as number));
    }
    slackGap(slacks);
  }
  return Math.max(0, gap);
}

function advance(blocks: readonly Block[], common: Slacks, primal: number, dual: number): void {
  const p = Math.min(1, primal);
  const d = Math.min(1, dual);
  const advanceSlacks = (slacks: Slacks): void => {
    for (let r = 0; r < slacks.price.length; r += 1) {
      const over = overMove(slacks, r);
      const under = underMove(slacks, r);
      const step = d * (slacks.step[r] as number);
      slacks.overX[r] = (slacks.overX[r] as number) + p * over;
      slacks.underX[r] = (slacks.underX[r] as number) + p * under;
      slacks.overZ[r] = (slacks.overZ[r] as number) - step;
      slacks.underZ[r] = (slacks.underZ[r] as number) + step;
      slacks.price[r] = (slacks.price[r] as number) + step;
    }
  };
  advanceSlacks(common);
  for (const { x, z, dx, dz, slacks } of blocks) {
    for (let j = 0; j < x.length; j += 1) {
      x[j] = (x[j] as number) + p * (dx[j] as number);
      z[j] = (z[j] as number) + d * (dz[j] as number);
    }
    advanceSlacks(slacks);
  }
}
