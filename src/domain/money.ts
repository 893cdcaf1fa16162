/** Minor units in one unit of a currency: 100 cents in a euro, 1 in a yen. ISO 4217 as the runtime knows it. */
export function minorPerUnit(currency: string): number {
  const digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions();
  return 10 ** (digits.maximumFractionDigits ?? 2);
}

/** The nearest whole number; halves go away from zero, so that a debit and its credit cancel. Never −0. */
export function roundHalfAway(value: number): number {
  return Math.sign(value) * Math.round(Math.abs(value)) + 0;
}

/** Turns a stream of amounts into whole ones that add up to the rounded sum of what went in, at every moment. */
export interface RunningRound {
  /** Adds an exact amount and returns its whole part. */
  add(amount: number): number;
}

export function createRunningRound(): RunningRound {
  let exact = 0;
  let given = 0;
  return {
    add(amount) {
      exact += amount;
      const part = roundHalfAway(exact) - given;
      given += part;
      return part;
    },
  };
}

/**
 * Splits a whole amount in proportion to weights ≥ 0 into whole parts that add up to it (largest remainder;
 * of equal remainders the earlier gets it). All weights 0: nobody gets anything, undefined.
 */
export function splitByWeights(amount: number, weights: readonly number[]): number[] | undefined {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (!(total > 0)) return undefined;
  const sign = amount < 0 ? -1 : 1;
  const whole = Math.abs(amount);
  const exact = weights.map((weight) => (whole * weight) / total);
  const parts = exact.map(Math.floor);
  let left = whole - parts.reduce((sum, part) => sum + part, 0);
  const byRemainder = exact
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder) {
    if (left <= 0) break;
    parts[index] = (parts[index] ?? 0) + 1;
    left -= 1;
  }
  return parts.map((part) => sign * part + 0);
}
