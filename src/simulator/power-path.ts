import { assert } from '../domain/assert.js';
import type { OperationMode } from '../ocpp/wire/transaction-messages.js';
import { type BatterySpec, batteryPowerKw, msToBound, stepBattery } from './battery.js';
import { type EnergySlice, nextQuarterHourMs } from './energy-slice.js';
import { type PowerResponse, type RampStep, rampSteps } from './power-ramp.js';

/** What the station wants of its EVSE at an instant; `askedKw` signed, Infinity = as much as possible. */
export interface PathOrder {
  readonly askedKw: number;
  readonly operationMode: OperationMode;
  /** The order must be asked for again at this instant. */
  readonly untilMs: number;
  /** No energy yet: no transaction, or the EV waits for its first profile. */
  readonly idle: boolean;
}

export interface EvseRating {
  readonly maxChargeKw: number;
  /** 0 = the hardware cannot discharge. */
  readonly maxDischargeKw: number;
}

/** OCPP's ChargingStateEnum; it has no word for discharging, that is Charging too. */
export type PathState = 'Idle' | 'EVConnected' | 'Charging' | 'SuspendedEV' | 'SuspendedEVSE';

export interface PowerPathOptions {
  readonly rating: EvseRating;
  readonly response: PowerResponse;
  /** Register standings at the start, Wh. */
  readonly importWh: number;
  readonly exportWh: number;
  readonly order: (atMs: number) => PathOrder;
  /** Called with each slice and the stored energy at its end, kWh. */
  readonly onSlice: (slice: EnergySlice, energyKwh: number) => void;
}

/**
 * Everything between grid and cells of one EVSE: meter, power electronics, car. Integrates from event to
 * event (order edges, ramp steps, quarter hours), each in closed form, whenever it is asked to advance; so
 * it needs no clock of its own and is right however late it is asked.
 */
export class PowerPath {
  readonly #options: PowerPathOptions;
  #atMs = 0;
  #car: { battery: BatterySpec; bidirectional: boolean } | undefined;
  #energyKwh = 0;
  #importKwh = 0;
  #exportKwh = 0;
  #chargingMs = 0;
  #commandKw = 0;
  #goalKw = 0;
  #ramp: RampStep[] = [];
  #order: PathOrder = { askedKw: 0, operationMode: 'ChargingOnly', untilMs: 0, idle: true };

  constructor(options: PowerPathOptions) {
    this.#options = options;
  }

  plugIn(battery: BatterySpec, energyKwh: number, bidirectional: boolean, atMs: number): void {
    this.#car = { battery, bidirectional };
    this.#energyKwh = energyKwh;
    this.#atMs = atMs;
    this.#chargingMs = 0;
    this.reorder(atMs);
  }

  /** Integrates up to the plug-out; the connector is dead from then on. */
  unplug(atMs: number): void {
    this.advanceTo(atMs);
    this.#car = undefined;
    this.#commandKw = 0;
    this.#goalKw = 0;
    this.#ramp = [];
  }

  /** The car agrees to charge only from now on (its transfer of energy to the grid was refused). */
  chargeOnly(atMs: number): void {
    this.advanceTo(atMs);
    if (this.#car) this.#car = { ...this.#car, bidirectional: false };
    this.reorder(atMs);
  }

  /** Integrates up to `atMs` and asks for a new order there. */
  reorder(atMs: number): void {
    this.advanceTo(atMs);
    if (this.#car) this.#takeOrder(atMs);
  }

  advanceTo(toMs: number): void {
    const car = this.#car;
    if (!car) {
      this.#atMs = Math.max(this.#atMs, toMs);
      return;
    }
    while (this.#atMs < toMs) {
      const fromMs = this.#atMs;
      const nextMs = Math.min(
        toMs,
        nextQuarterHourMs(fromMs),
        this.#order.untilMs,
        this.#ramp[0]?.atMs ?? Number.POSITIVE_INFINITY,
      );
      if (nextMs > fromMs) this.#integrate(car.battery, fromMs, nextMs);
      this.#atMs = Math.max(nextMs, fromMs);
      while ((this.#ramp[0]?.atMs ?? Number.POSITIVE_INFINITY) <= this.#atMs) {
        this.#commandKw = this.#ramp.shift()?.powerKw ?? this.#commandKw;
      }
      if (this.#order.untilMs <= this.#atMs) this.#takeOrder(this.#atMs);
    }
  }

  #integrate(battery: BatterySpec, fromMs: number, toMs: number): void {
    const step = stepBattery(battery, this.#energyKwh, this.#commandKw, toMs - fromMs);
    const { startKw, endKw, importKwh, exportKwh } = step;
    this.#energyKwh = step.energyKwh;
    this.#importKwh += importKwh;
    this.#exportKwh += exportKwh;
    if (importKwh > 0) this.#chargingMs += toMs - fromMs;
    this.#options.onSlice({ fromMs, toMs, startKw, endKw, importKwh, exportKwh }, step.energyKwh);
  }

  #takeOrder(atMs: number): void {
    this.#order = this.#options.order(atMs);
    assert(this.#order.untilMs > atMs, 'an order holds for some time');
    const goalKw = this.#reachableKw(this.#order.askedKw);
    if (goalKw === this.#goalKw) return;
    const [first, ...later] = rampSteps(this.#commandKw, goalKw, atMs, this.#options.response);
    this.#commandKw = first?.powerKw ?? 0;
    this.#ramp = later;
    this.#goalKw = goalKw;
    while ((this.#ramp[0]?.atMs ?? Number.POSITIVE_INFINITY) <= atMs) {
      this.#commandKw = this.#ramp.shift()?.powerKw ?? this.#commandKw;
    }
  }

  #reachableKw(askedKw: number): number {
    const car = this.#car;
    if (!car) return 0;
    const { maxChargeKw, maxDischargeKw } = this.#options.rating;
    const down = car.bidirectional ? Math.min(maxDischargeKw, car.battery.maxDischargeKw) : 0;
    return Math.max(Math.min(askedKw, maxChargeKw, car.battery.maxChargeKw), -down) + 0;
  }

  get order(): PathOrder {
    return this.#order;
  }

  /** Meter standings as a display shows them: whole Wh, rounded down. */
  get registersWh(): { importWh: number; exportWh: number } {
    const { importWh, exportWh } = this.#options;
    return {
      importWh: wholeWh(importWh, this.#importKwh),
      exportWh: wholeWh(exportWh, this.#exportKwh),
    };
  }

  /** Exact energy since the start of the simulation, kWh. */
  get exactKwh(): { importKwh: number; exportKwh: number } {
    return { importKwh: this.#importKwh, exportKwh: this.#exportKwh };
  }

  get energyKwh(): number {
    return this.#energyKwh;
  }

  /** Signed meter power at the instant it was advanced to. */
  get powerKw(): number {
    return this.#car ? batteryPowerKw(this.#car.battery, this.#energyKwh, this.#commandKw) : 0;
  }

  /** What the electronics aim at: the order within the ratings of EVSE and car. */
  get goalKw(): number {
    return this.#goalKw;
  }

  /** Time with energy into the EV since plug-in, s; discharge does not count (OCPP timeSpentCharging). */
  get timeSpentChargingS(): number {
    return Math.floor(this.#chargingMs / 1000);
  }

  get state(): PathState {
    if (!this.#car) return 'Idle';
    if (this.#order.idle) return 'EVConnected';
    if (this.#goalKw === 0) return 'SuspendedEVSE';
    return batteryPowerKw(this.#car.battery, this.#energyKwh, this.#goalKw) === 0
      ? 'SuspendedEV'
      : 'Charging';
  }

  /** When order or state may change by themselves, given nothing comes from outside; Infinity if never. */
  get nextChangeMs(): number {
    if (!this.#car) return Number.POSITIVE_INFINITY;
    const lastRampMs = this.#ramp.at(-1)?.atMs;
    if (lastRampMs !== undefined) return Math.min(this.#order.untilMs, lastRampMs);
    const boundMs = msToBound(this.#car.battery, this.#energyKwh, this.#commandKw);
    const toBoundMs = boundMs > 0 ? boundMs : Number.POSITIVE_INFINITY;
    return Math.min(this.#order.untilMs, Math.ceil(this.#atMs + toBoundMs));
  }
}

/** Rounded down, but not for the last bit of a float sum that should be whole. */
function wholeWh(startWh: number, kwh: number): number {
  return startWh + Math.floor(kwh * 1000 + 1e-6);
}
