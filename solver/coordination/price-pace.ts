/** Growth of the pace per move in one direction, and its limit; tried 1.2 to 2 and 4 to 32 on warm re-solves. */
const GROWTH = 1.5;
const MOST = 10;
/** Moves in one direction before that; a cold start takes some anyway. */
const PATIENCE = 10;

/**
 * Over-relaxation of multipliers, one by one: a price that keeps moving in one direction takes longer and longer
 * steps, one that turns round goes back to the plain step. Without it a price far from where it belongs creeps
 * there, since the deviation that drives it may be small.
 */
export class PricePace {
  readonly #last: Float64Array;
  readonly #pace: Float64Array;
  readonly #run: Uint16Array;

  constructor(count: number) {
    this.#last = new Float64Array(count);
    this.#run = new Uint16Array(count);
    this.#pace = new Float64Array(count).fill(1);
  }

  /** The price to go to, given where it stands and where the plain step leads. */
  move(row: number, price: number, next: number): number {
    const step = next - price;
    const same = step * (this.#last[row] as number) > 0;
    const run = same ? (this.#run[row] as number) + 1 : 0;
    const pace = run > PATIENCE ? Math.min(MOST, (this.#pace[row] as number) * GROWTH) : 1;
    this.#run[row] = run;
    this.#pace[row] = pace;
    this.#last[row] = step;
    return price + pace * step;
  }
}
