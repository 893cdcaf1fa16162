/** What a step does to distances s > 0 from bounds and their multipliers z > 0, gathered bound by bound. */
export interface StepSurvey {
  /** Furthest that distances and multipliers may go along the step; infinite for no bound. */
  primal: number;
  dual: number;
  /** Sums of s·z, Δs·z, s·Δz and Δs·Δz. */
  products: number;
  movedPrimal: number;
  movedDual: number;
  movedBoth: number;
  /** Bounds, each by the weight of its product. */
  weight: number;
}

export function createSurvey(): StepSurvey {
  return {
    primal: Number.POSITIVE_INFINITY,
    dual: Number.POSITIVE_INFINITY,
    products: 0,
    movedPrimal: 0,
    movedDual: 0,
    movedBoth: 0,
    weight: 0,
  };
}

export function addBound(survey: StepSurvey, s: number, z: number, ds: number, dz: number, weight = 1): void {
  if (ds < 0 && -s / ds < survey.primal) survey.primal = -s / ds;
  if (dz < 0 && -z / dz < survey.dual) survey.dual = -z / dz;
  survey.products += s * z;
  survey.movedPrimal += ds * z;
  survey.movedDual += s * dz;
  survey.movedBoth += ds * dz;
  survey.weight += weight;
}

/** Sum of products after going so far along the step. */
export function productsAfter(survey: StepSurvey, primal: number, dual: number): number {
  return (
    survey.products + primal * survey.movedPrimal + dual * survey.movedDual + primal * dual * survey.movedBoth
  );
}
