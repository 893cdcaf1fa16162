import type { CouplingRows } from '../coordination/coupling-rows.js';
import type { FleetModel } from '../fleet-model.js';
import { NetBarriers } from './net-barriers.js';
import type { KnownPrices, PriceStep } from './row-prices.js';
import { RowSystem } from './row-system.js';
import type { ShareLayout } from './share-layout.js';
import { SoldBarriers } from './sold-barriers.js';
import { addBound, createSurvey, productsAfter, type StepSurvey } from './step-survey.js';
import { VehicleNewton } from './vehicle-newton.js';
import { VehiclePoint } from './vehicle-point.js';
import { VehicleSteps } from './vehicle-steps.js';

/** Share of the way to the nearest bound that a step may go. */
const STEP_SHARE = 0.99;
/**
 * Products of rows that everybody stands in, relative to those of one vehicle and per vehicle; tried 0.03 to 1 on 300
 * and 1,000 vehicles. Without it the rows close long before the vehicles do and make every step short.
 */
const ROW_WEIGHT = 0.1;
/** Vehicles between two looks at the clock: some tens of milliseconds. */
const BLOCK = 500;
/** Power of what the affine step leaves over in the next aim; 2 to 5 tried. */
const AIM_POWER = 4;

export interface InteriorStart {
  /** What the vehicles' products start at. */
  readonly aim: number;
  /** Slots held to one direction, flat as in FleetModel. */
  readonly ways?: Uint8Array | undefined;
  readonly others?: OtherVehicles | undefined;
}

/** Vehicles that are not in the model but stand in the rows, and the prices at which they do. */
export interface OtherVehicles {
  /** Net power and shares by row of the layout, kW, and net power by site and slot. */
  readonly activity: Float64Array;
  readonly siteActivity: Float64Array;
  readonly prices: KnownPrices;
}

/**
 * Primal–dual interior point with Mehrotra's corrector for the convex relaxation of the whole problem, (31) to (33):
 * vehicles in `VehiclePoint`, rows of net power and of reserves in `NetBarriers` and `SoldBarriers`. Starts inside
 * every vehicle's own bounds and stays there, so that what it says can be made a plan at any time. Linear in
 * vehicles × slots × rows of a window per iteration, with one dense system in the rows.
 */
export class InteriorPoint {
  readonly model: FleetModel;
  readonly layout: ShareLayout;
  readonly rows: CouplingRows;
  readonly vehicles: VehiclePoint;
  readonly #newton: VehicleNewton;
  readonly #steps: VehicleSteps;
  readonly #size: number;
  readonly #system: RowSystem;
  readonly #activity: Float64Array;
  readonly #siteActivity: Float64Array;
  readonly #activityStep: Float64Array;
  readonly #siteStep: Float64Array;
  readonly #fleet: NetBarriers;
  readonly #site: NetBarriers;
  readonly sold: SoldBarriers;
  readonly prices: PriceStep;
  readonly #priceStep: PriceStep;
  readonly #soldStep: Float64Array;
  readonly #order: Int32Array;
  readonly #siteSlots: readonly (readonly number[])[];
  readonly #siteSpan: [number, number][];
  /** Sum of all products: what the point is away from the optimum, once its residuals are gone. */
  gap = Number.POSITIVE_INFINITY;

  constructor(model: FleetModel, rows: CouplingRows, layout: ShareLayout, start: InteriorStart) {
    const { aim, ways, others } = start;
    this.model = model;
    this.rows = rows;
    this.layout = layout;
    this.vehicles = new VehiclePoint(model, layout, ways);
    this.#newton = new VehicleNewton(model, layout, this.vehicles);
    this.#steps = new VehicleSteps(model, layout, this.vehicles);
    const slots = layout.slotCount;
    const size = layout.rowStart[slots] as number;
    this.#size = size;
    this.#system = new RowSystem(size);
    this.#activity = new Float64Array(size);
    this.#activityStep = new Float64Array(size);
    this.#siteActivity = new Float64Array(rows.siteCount * slots);
    this.#siteStep = new Float64Array(rows.siteCount * slots);
    const occupied = Array.from({ length: model.vehicleCount }, (_, i) => i).filter(
      (i) => (model.endSlot[i] as number) > (model.firstSlot[i] as number),
    );
    this.#order = Int32Array.from(
      occupied.sort((a, b) => (model.siteIndex[a] as number) - (model.siteIndex[b] as number)),
    );
    if (others !== undefined) {
      this.#activity.set(others.activity);
      this.#siteActivity.set(others.siteActivity);
    }
    for (const i of this.#order) {
      this.vehicles.begin(i, aim);
      this.vehicles.addActivity(i, this.#activity, this.#siteActivity);
    }
    this.#rowWeight = Math.max(1, ROW_WEIGHT * model.vehicleCount);
    this.#siteWeight = Math.max(1, (ROW_WEIGHT * model.vehicleCount) / Math.max(1, rows.siteCount));
    const hours = model.slotHours;
    const fleetKw = new Float64Array(slots);
    for (let t = 0; t < slots; t += 1)
      if (layout.netRow[t] === 1) fleetKw[t] = this.#activity[layout.rowStart[t] as number] as number;
    this.#fleet = new NetBarriers(
      {
        soldKw: rows.soldKw,
        deviation: rows.deviationPerKwh.map((price) => price * hours),
        importKw: rows.importKw,
        exportKw: rows.exportKw,
      },
      fleetKw,
      aim * this.#rowWeight,
      others?.prices.fleet.map((price) => price * hours),
    );
    const none = new Float64Array(rows.siteCount * slots);
    this.#site = new NetBarriers(
      { soldKw: none, deviation: none, importKw: rows.siteImportKw, exportKw: rows.siteExportKw },
      this.#siteActivity,
      aim * this.#siteWeight,
    );
    const sums = this.#shareSums(this.#activity);
    this.sold = new SoldBarriers(layout, sums, aim * this.#rowWeight, others?.prices.earns);
    this.prices = { rows: new Float64Array(size), site: new Float64Array(rows.siteCount * slots) };
    this.#priceStep = { rows: new Float64Array(size), site: new Float64Array(rows.siteCount * slots) };
    this.#soldStep = new Float64Array(layout.products.length);
    this.#siteSpan = Array.from({ length: rows.siteCount }, () => [size, 0]);
    for (const i of this.#order) {
      const s = model.siteIndex[i] as number;
      if (s < 0) continue;
      const span = this.#siteSpan[s] as [number, number];
      span[0] = Math.min(span[0], layout.rowStart[model.firstSlot[i] as number] as number);
      span[1] = Math.max(span[1], layout.rowStart[model.endSlot[i] as number] as number);
    }
    this.#siteSlots = this.#siteSpan.map(([low, high], s) => {
      const list: number[] = [];
      for (let t = 0; t < slots; t += 1) {
        const at = s * slots + t;
        const row = layout.rowStart[t] as number;
        const limited = rows.siteImportKw[at] !== Infinity || rows.siteExportKw[at] !== Infinity;
        if (limited && low <= row && row < high) list.push(t);
      }
      return list;
    });
    this.#refreshPrices();
  }

  #shareSums(activity: Float64Array): Float64Array {
    const { shareStart, rowStart, netRow, slotCount } = this.layout;
    const sums = new Float64Array(shareStart[slotCount] as number);
    for (let t = 0; t < slotCount; t += 1) {
      const row = (rowStart[t] as number) + (netRow[t] as number);
      for (let j = shareStart[t] as number; j < (shareStart[t + 1] as number); j += 1)
        sums[j] = activity[row + j - (shareStart[t] as number)] as number;
    }
    return sums;
  }

  #refreshPrices(): void {
    const { shareStart, rowStart, netRow, slotCount } = this.layout;
    for (let t = 0; t < slotCount; t += 1) {
      let row = rowStart[t] as number;
      if (netRow[t] === 1) this.prices.rows[row++] = this.#fleet.price(t);
      for (let j = shareStart[t] as number; j < (shareStart[t + 1] as number); j += 1)
        this.prices.rows[row++] = -(this.sold.earns[j] as number);
    }
    for (let at = 0; at < this.prices.site.length; at += 1) this.prices.site[at] = this.#site.price(at);
  }

  /**
   * One predictor–corrector iteration. Returns the shorter of the two step lengths; none when `ended`, asked between
   * blocks of vehicles, says so, and the point is then where it was.
   */
  iterate(ended: () => boolean): number {
    if (!this.#gather(ended)) return 0;
    this.#direct(0, 0, true);
    const affine = this.#survey(0, 0);
    const primalReach = Math.min(1, affine.primal);
    const dualReach = Math.min(1, affine.dual);
    const left = productsAfter(affine, primalReach, dualReach) / affine.products;
    const aim = (affine.products / affine.weight) * Math.max(left ** AIM_POWER, 1e-6);
    // What the affine step leaves over counts only as far as the step could be taken.
    const corrected = Math.sqrt(primalReach * dualReach);
    for (const i of this.#order) this.vehicles.keepAffine(i);
    this.#keepAffine();
    this.#activityStep.fill(0);
    this.#siteStep.fill(0);
    for (const i of this.#order)
      this.#newton.step(i, this.prices, aim, corrected, this.#activityStep, this.#siteStep);
    this.#direct(aim, corrected, false);
    const reach = this.#survey(aim, corrected);
    const primal = Math.min(1, STEP_SHARE * reach.primal);
    const dual = Math.min(1, STEP_SHARE * reach.dual);
    this.#advance(aim, corrected, primal, dual);
    this.gap = productsAfter(reach, primal, dual);
    return Math.min(primal, dual);
  }

  /** Factors every vehicle, gathers how the rows answer to their prices, and the vehicles' affine steps. */
  #gather(ended: () => boolean): boolean {
    this.#system.begin();
    this.#activityStep.fill(0);
    this.#siteStep.fill(0);
    const model = this.model;
    let current = -1;
    let matrix = this.#system.matrix;
    let inBlock = 0;
    for (const i of this.#order) {
      inBlock += 1;
      if (inBlock % BLOCK === 0 && ended()) return false;
      const site = model.siteIndex[i] as number;
      if (site !== current) {
        if (current >= 0) this.#endSite(current);
        current = site;
        matrix = this.#system.beginSite();
      }
      this.#newton.factor(i);
      this.#newton.addCurvature(i, matrix, this.#size);
      this.#newton.step(i, this.prices, 0, 0, this.#activityStep, this.#siteStep);
    }
    if (current >= 0) this.#endSite(current);
    return true;
  }

  #endSite(site: number): void {
    const { slotCount, rowStart } = this.layout;
    const slots = this.#siteSlots[site] as readonly number[];
    const [low, high] = this.#siteSpan[site] as [number, number];
    const give = slots.map((t) => {
      const at = site * slotCount + t;
      return 1 / this.#site.answer(at, this.#siteActivity[at] as number, 0, 0).slope;
    });
    this.#system.endSite(
      site,
      slots.map((t) => rowStart[t] as number),
      give,
      low,
      high,
    );
  }

  #rowWeight = 1;
  #siteWeight = 1;

  /** Price steps from the vehicles' answers gathered in the activity step; then everybody's step with them. */
  #direct(aim: number, corrected: number, factor: boolean): void {
    const layout = this.layout;
    const { slotCount, shareStart, rowStart, netRow, products, productOf } = layout;
    const right = new Float64Array(this.#size);
    const give = new Float64Array(this.#size);
    const sums = this.#shareSums(this.#activity);
    const own = products.map((_, r) => this.sold.own(r, aim * this.#rowWeight, corrected));
    const earned = new Float64Array(products.length);
    productOf.forEach((r, j) => {
      earned[r] = (earned[r] as number) + (this.sold.earns[j] as number);
    });
    const start = own.map(({ curvature, pull }, r) => (pull - (earned[r] as number)) / curvature);
    const rowsOf: number[][] = products.map(() => []);
    for (let t = 0; t < slotCount; t += 1) {
      let row = rowStart[t] as number;
      if (netRow[t] === 1) {
        const { slope, step } = this.#fleet.answer(
          t,
          this.#activity[row] as number,
          aim * this.#rowWeight,
          corrected,
        );
        give[row] = slope > 0 ? 1 / slope : 1e30;
        right[row] = slope > 0 ? (this.#activityStep[row] as number) + step / slope : 0;
        row += 1;
      }
      for (let j = shareStart[t] as number; j < (shareStart[t + 1] as number); j += 1) {
        const product = productOf[j] as number;
        const { slope, step } = this.sold.answer(j, sums[j] as number, aim * this.#rowWeight, corrected);
        give[row] = 1 / slope;
        right[row] = (this.#activityStep[row] as number) - (start[product] as number) - step / slope;
        rowsOf[product]?.push(row);
        row += 1;
      }
    }
    if (factor) {
      const matrix = this.#system.matrix;
      rowsOf.forEach((list, r) => {
        const add = 1 / (own[r]?.curvature as number);
        for (let a = 0; a < list.length; a += 1)
          for (let b = a; b < list.length; b += 1) {
            const at = (list[a] as number) * this.#size + (list[b] as number);
            matrix[at] = (matrix[at] as number) + add;
          }
      });
      this.#system.factor(give);
    }
    const siteRight = new Map<number, Float64Array>();
    this.#siteSlots.forEach((list, s) => {
      const steps = list.map((t) => {
        const at = s * slotCount + t;
        const netKw = this.#siteActivity[at] as number;
        const { slope, step } = this.#site.answer(at, netKw, aim * this.#siteWeight, corrected);
        return (this.#siteStep[at] as number) + step / slope;
      });
      siteRight.set(s, Float64Array.from(steps));
    });
    this.#system.solve(right, siteRight);
    this.#priceStep.rows.set(right);
    this.#priceStep.site.fill(0);
    siteRight.forEach((values, s) => {
      this.#siteSlots[s]?.forEach((t, k) => {
        this.#priceStep.site[s * slotCount + t] = values[k] as number;
      });
    });
    rowsOf.forEach((list, r) => {
      const change = list.reduce((sum, row) => sum + (right[row] as number), 0);
      this.#soldStep[r] = (start[r] as number) + change / (own[r]?.curvature as number);
    });
    this.#activityStep.fill(0);
    this.#siteStep.fill(0);
    for (const i of this.#order) {
      this.#newton.answerPrices(i, this.#priceStep);
      this.vehicles.addStepActivity(i, this.#activityStep, this.#siteStep);
    }
  }

  #eachRow(
    aim: number,
    corrected: number,
    visit: (s: number, z: number, ds: number, dz: number) => void,
    advance?: { primal: number; dual: number },
  ): void {
    const { slotCount, rowStart, netRow } = this.layout;
    for (let t = 0; t < slotCount; t += 1) {
      if (netRow[t] !== 1) continue;
      const row = rowStart[t] as number;
      this.#fleet.each(
        t,
        this.#activity[row] as number,
        this.#activityStep[row] as number,
        aim * this.#rowWeight,
        corrected,
        visit,
        advance,
      );
    }
    for (let at = 0; at < this.#siteActivity.length; at += 1)
      this.#site.each(
        at,
        this.#siteActivity[at] as number,
        this.#siteStep[at] as number,
        aim * this.#siteWeight,
        corrected,
        visit,
        advance,
      );
    this.sold.each(
      this.#shareSums(this.#activity),
      this.#shareSums(this.#activityStep),
      this.#soldStep,
      aim * this.#rowWeight,
      corrected,
      visit,
      advance,
    );
  }

  #survey(aim: number, corrected: number): StepSurvey {
    const survey = createSurvey();
    for (const i of this.#order) this.#steps.survey(i, aim, corrected, survey);
    this.#eachRow(aim, corrected, (s, z, ds, dz) => addBound(survey, s, z, ds, dz, this.#rowWeight));
    return survey;
  }

  #keepAffine(): void {
    const { slotCount, rowStart, netRow } = this.layout;
    for (let t = 0; t < slotCount; t += 1) {
      if (netRow[t] !== 1) continue;
      const row = rowStart[t] as number;
      this.#fleet.keepAffine(t, this.#activityStep[row] as number, this.#activity[row] as number);
    }
    for (let at = 0; at < this.#siteActivity.length; at += 1)
      this.#site.keepAffine(at, this.#siteStep[at] as number, this.#siteActivity[at] as number);
    this.sold.keepAffine(
      this.#soldStep,
      this.#shareSums(this.#activityStep),
      this.#shareSums(this.#activity),
    );
  }

  #advance(aim: number, corrected: number, primal: number, dual: number): void {
    this.#eachRow(aim, corrected, () => undefined, { primal, dual });
    for (const i of this.#order) this.#steps.advance(i, aim, corrected, primal, dual);
    for (let r = 0; r < this.#size; r += 1)
      this.#activity[r] = (this.#activity[r] as number) + primal * (this.#activityStep[r] as number);
    for (let at = 0; at < this.#siteActivity.length; at += 1)
      this.#siteActivity[at] = (this.#siteActivity[at] as number) + primal * (this.#siteStep[at] as number);
    this.#refreshPrices();
  }
}
