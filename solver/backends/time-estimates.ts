import { type FleetModel, windowSlots } from '../fleet-model.js';

/** Per window slot, ms; measured at 1,000 to 100,000 vehicles and rounded up. */
const CLOSING_MS = 2e-4;
const FIRST_PLAN_MS = 3e-4;

/** From a schedule to its certified document, ms: what a time limit keeps in hand. */
export function closingMs(model: FleetModel): number {
  return windowSlots(model) * CLOSING_MS;
}

/** From nothing to a first plan that keeps every coupling limit, and a first bound, ms. */
export function firstPlanMs(model: FleetModel): number {
  return windowSlots(model) * FIRST_PLAN_MS;
}
