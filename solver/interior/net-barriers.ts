/** The rows of net power of the fleet or of the sites, as flat series; infinite limits and zero deviation for none. */
export interface NetRows {
  readonly soldKw: Float64Array;
  /** Price per kW of the slot. */
  readonly deviation: Float64Array;
  readonly importKw: Float64Array;
  readonly exportKw: Float64Array;
}

/**
 * Rows (2) to (4) in the interior point: what is off the sold schedule and what is left under the limits, each with its
 * multiplier. The price of a row is the sum of what its sold schedule and its limits ask.
 */
export class NetBarriers {
  readonly #rows: NetRows;
  readonly #over: Float64Array;
  readonly #under: Float64Array;
  readonly #soldPrice: Float64Array;
  readonly #room: readonly [Float64Array, Float64Array];
  readonly #limitPrice: readonly [Float64Array, Float64Array];
  readonly #affine: Float64Array;
  readonly #affineSold: Float64Array;

  constructor(rows: NetRows, netKw: Float64Array, aim: number, startPrices?: Float64Array) {
    const n = rows.soldKw.length;
    this.#rows = rows;
    const make = (): Float64Array => new Float64Array(n);
    this.#over = make();
    this.#under = make();
    this.#soldPrice = make();
    this.#room = [make(), make()];
    this.#limitPrice = [make(), make()];
    this.#affine = make();
    this.#affineSold = make();
    for (let f = 0; f < n; f += 1) {
      const net = netKw[f] as number;
      const most = rows.deviation[f] as number;
      if (most > 0) {
        const price = Math.min(Math.max(startPrices?.[f] ?? 0, -0.9 * most), 0.9 * most);
        const off = net - (rows.soldKw[f] as number);
        const extra = aim / most;
        this.#soldPrice[f] = price;
        this.#over[f] = Math.max(off, 0) + extra;
        this.#under[f] = Math.max(-off, 0) + extra;
      }
      for (const side of [0, 1] as const) {
        const limit = (side === 0 ? rows.importKw[f] : rows.exportKw[f]) as number;
        if (limit === Number.POSITIVE_INFINITY) continue;
        const room = limit - (side === 0 ? net : -net);
        this.#room[side][f] = Math.max(room, 0.05 * (1 + limit));
        this.#limitPrice[side][f] = aim / (this.#room[side][f] as number);
      }
    }
  }

  price(f: number): number {
    return (
      (this.#soldPrice[f] as number) + (this.#limitPrice[0][f] as number) - (this.#limitPrice[1][f] as number)
    );
  }

  /** How steeply the price of row `f` rises with net power, and the price step at none: Δprice = slope·ΔkW + step. */
  answer(f: number, netKw: number, aim: number, corrected: number): { slope: number; step: number } {
    let slope = 0;
    let step = 0;
    if ((this.#rows.deviation[f] as number) > 0) {
      const { give, shift } = this.#soldAnswer(f, netKw, aim, corrected);
      slope += 1 / give;
      step += shift / give;
    }
    for (const side of [0, 1] as const) {
      const room = this.#room[side][f] as number;
      if (room === 0) continue;
      const sign = side === 0 ? 1 : -1;
      const price = this.#limitPrice[side][f] as number;
      const { target, residual } = this.#limitAim(f, side, netKw, aim, corrected);
      slope += price / room;
      step += sign * (target / room - price - (price / room) * residual);
    }
    return { slope, step };
  }

  #soldAnswer(f: number, netKw: number, aim: number, corrected: number) {
    const most = this.#rows.deviation[f] as number;
    const price = this.#soldPrice[f] as number;
    const over = this.#over[f] as number;
    const under = this.#under[f] as number;
    const overZ = most - price;
    const underZ = most + price;
    let [overAim, underAim] = [aim, aim];
    if (corrected > 0) {
      // Affine: Δz of over is −Δprice, of under +Δprice.
      const d = this.#affineSold[f] as number;
      overAim -= corrected * (-over + (over * d) / overZ) * -d;
      underAim -= corrected * (-under - (under * d) / underZ) * d;
    }
    const give = over / overZ + under / underZ;
    const residual = netKw - (this.#rows.soldKw[f] as number) - over + under;
    const shift = residual - (overAim / overZ - over - underAim / underZ + under);
    return { give, shift, overAim, underAim };
  }

  #limitAim(f: number, side: 0 | 1, netKw: number, aim: number, corrected: number) {
    const sign = side === 0 ? 1 : -1;
    const limit = (side === 0 ? this.#rows.importKw[f] : this.#rows.exportKw[f]) as number;
    const room = this.#room[side][f] as number;
    const price = this.#limitPrice[side][f] as number;
    const residual = limit - sign * netKw - room;
    let target = aim;
    if (corrected > 0) {
      const d = -sign * (this.#affine[f] as number) + residual;
      target -= corrected * d * (-price - (price / room) * d);
    }
    return { target, residual };
  }

  /** Remembers an affine step. */
  keepAffine(f: number, netStep: number, netKw: number): void {
    this.#affine[f] = netStep;
    if ((this.#rows.deviation[f] as number) > 0) {
      const { give, shift } = this.#soldAnswer(f, netKw, 0, 0);
      this.#affineSold[f] = (netStep + shift) / give;
    }
  }

  /** Visits each bounded quantity of row `f` along a step of `netStep` kW. */
  each(
    f: number,
    netKw: number,
    netStep: number,
    aim: number,
    corrected: number,
    visit: (s: number, z: number, ds: number, dz: number) => void,
    advance?: { primal: number; dual: number },
  ): void {
    if ((this.#rows.deviation[f] as number) > 0) {
      const { give, shift, overAim, underAim } = this.#soldAnswer(f, netKw, aim, corrected);
      const most = this.#rows.deviation[f] as number;
      const price = this.#soldPrice[f] as number;
      const over = this.#over[f] as number;
      const under = this.#under[f] as number;
      const step = (netStep + shift) / give;
      const overStep = (overAim - over * (most - price) + over * step) / (most - price);
      const underStep = (underAim - under * (most + price) - under * step) / (most + price);
      visit(over, most - price, overStep, -step);
      visit(under, most + price, underStep, step);
      if (advance !== undefined) {
        this.#over[f] = over + advance.primal * overStep;
        this.#under[f] = under + advance.primal * underStep;
        this.#soldPrice[f] = price + advance.dual * step;
      }
    }
    for (const side of [0, 1] as const) {
      const room = this.#room[side][f] as number;
      if (room === 0) continue;
      const sign = side === 0 ? 1 : -1;
      const price = this.#limitPrice[side][f] as number;
      const { target, residual } = this.#limitAim(f, side, netKw, aim, corrected);
      const roomStep = -sign * netStep + residual;
      const priceStep = (target - price * roomStep) / room - price;
      visit(room, price, roomStep, priceStep);
      if (advance !== undefined) {
        this.#room[side][f] = room + advance.primal * roomStep;
        this.#limitPrice[side][f] = price + advance.dual * priceStep;
      }
    }
  }
}
