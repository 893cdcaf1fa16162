/** How fast an EVSE does what it is told. */
export interface PowerResponse {
  /** From the order to the first change away from zero, ms. */
  readonly reactionMs: number;
  /** Ramp away from zero, kW per second; Infinity = at once. */
  readonly rampKwPerS: number;
}

/** From `atMs` on, the EVSE asks `powerKw` of the car. */
export interface RampStep {
  readonly atMs: number;
  readonly powerKw: number;
}

/**
 * The way from one power to another. Towards zero the electronics let go at once, so no export outlives its
 * order; away from zero they wait for the reaction time and climb in a staircase of one-second steps, which
 * keeps the energy of a ramp exact. The first step is always at `atMs`.
 */
export function rampSteps(
  fromKw: number,
  toKw: number,
  atMs: number,
  { reactionMs, rampKwPerS }: PowerResponse,
): RampStep[] {
  const sign = Math.sign(toKw);
  const baseKw = Math.sign(fromKw) === sign ? sign * Math.min(Math.abs(fromKw), Math.abs(toKw)) : 0;
  const steps: RampStep[] = [{ atMs, powerKw: baseKw }];
  const climbKw = Math.abs(toKw - baseKw);
  if (climbKw === 0) return steps;
  const seconds = Math.max(1, Math.ceil(climbKw / rampKwPerS));
  for (let second = 1; second <= seconds; second++) {
    const powerKw = second === seconds ? toKw : baseKw + sign * rampKwPerS * second;
    steps.push({ atMs: atMs + reactionMs + (second - 1) * 1000, powerKw });
  }
  return steps;
}
