import { isJsonObject, type JsonObject } from './frame.js';

/**
 * Many integrators have read a draft in which NotifyEVChargingNeeds carries a `V2XChargingNeeds` object with
 * departureTime, evTargetEnergyRequest, evMaxDischargePower and evMaxDischargeEnergy. This rewrites that form,
 * in place, into the standard one and returns what it changed; a standard payload stays as it is.
 * Interpretation: the draft does not say the energy transfer; a discharge power makes it DC_BPT, none DC.
 * `bidirectional` is false for 2.0.1, which has no BPT modes.
 */
export function mapPopularNeeds(payload: JsonObject, bidirectional: boolean): string[] {
  const done: string[] = [];
  moveDraftObject(payload, done);
  const needs = payload.chargingNeeds;
  if (!isJsonObject(needs)) return done;
  for (const key of ['evTargetEnergyRequest', 'evMaxDischargePower', 'evMaxDischargeEnergy']) {
    if (!Object.hasOwn(needs, key)) continue;
    const parameters = isJsonObject(needs.v2xChargingParameters) ? needs.v2xChargingParameters : {};
    parameters[key] = needs[key];
    needs.v2xChargingParameters = parameters;
    delete needs[key];
    done.push(`chargingNeeds.${key} moved to v2xChargingParameters`);
  }
  if (isJsonObject(needs.v2xChargingParameters)) mapParameters(needs.v2xChargingParameters, done);
  mapControlMode(needs, done);
  if (done.length > 0 && needs.requestedEnergyTransfer === undefined) {
    const parameters = isJsonObject(needs.v2xChargingParameters) ? needs.v2xChargingParameters : {};
    const discharges = bidirectional && Number(parameters.maxDischargePower) > 0;
    needs.requestedEnergyTransfer = discharges ? 'DC_BPT' : 'DC';
    done.push(`requestedEnergyTransfer missing, taken as ${String(needs.requestedEnergyTransfer)}`);
  }
  return done;
}

function moveDraftObject(payload: JsonObject, done: string[]): void {
  const needs = isJsonObject(payload.chargingNeeds) ? payload.chargingNeeds : undefined;
  for (const holder of needs === undefined ? [payload] : [payload, needs]) {
    const key = Object.keys(holder).find((one) => one.toLowerCase() === 'v2xchargingneeds');
    if (key === undefined) continue;
    const draft = holder[key];
    delete holder[key];
    if (!isJsonObject(draft)) continue;
    payload.chargingNeeds = { ...draft, ...(needs ?? {}) };
    done.push(`${key} read as chargingNeeds`);
    return;
  }
}

function mapParameters(parameters: JsonObject, done: string[]): void {
  const power = magnitudeOf(parameters.evMaxDischargePower);
  if (power !== undefined) {
    parameters.maxDischargePower ??= power;
    delete parameters.evMaxDischargePower;
    done.push('evMaxDischargePower read as maxDischargePower');
  }
  const energy = magnitudeOf(parameters.evMaxDischargeEnergy);
  if (energy !== undefined) {
    parameters.evMinV2XEnergyRequest ??= -energy;
    delete parameters.evMaxDischargeEnergy;
    done.push('evMaxDischargeEnergy read as -evMinV2XEnergyRequest');
  }
  // ISO 15118-20 stacks disagree on the sign of discharge limits; OCPP wants magnitudes.
  for (const [key, value] of Object.entries(parameters)) {
    if (!/(Power|Current)(_L[23])?$/.test(key) || typeof value !== 'number' || value >= 0) continue;
    parameters[key] = -value;
    done.push(`v2xChargingParameters.${key} sent negative, magnitude taken`);
  }
}

/** Draft stations write numbers as text too. */
function magnitudeOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? Math.abs(number) : undefined;
}

function mapControlMode(needs: JsonObject, done: string[]): void {
  if (needs.controlMode !== 'Dynamic' && needs.controlMode !== 'Scheduled') return;
  needs.controlMode = `${needs.controlMode}Control`;
  done.push(`controlMode taken as ${String(needs.controlMode)}`);
}
