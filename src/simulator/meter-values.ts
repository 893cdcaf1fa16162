import type { MeterValue, ReadingContext, SampledValue } from '../ocpp/wire/transaction-messages.js';

/**
 * How a station reports power while it discharges: with the two measurands of the standard, or as many
 * stations do (EVerest among them), with a negative Power.Active.Import (ocpp: sections 4 and 6d).
 */
export type PowerStyle = 'import-and-export' | 'negative-import';

/** What a meter and a car say at one instant. Energies of the requests are signed kWh from now on. */
export interface MeterSnapshot {
  readonly timestamp: string;
  readonly importWh: number;
  readonly exportWh: number;
  readonly powerKw: number;
  /** Setpoint that the station works to; absent when only limits apply. */
  readonly setpointKw?: number;
  readonly socFraction: number;
  readonly targetRequestKwh: number;
  readonly minRequestKwh: number;
  readonly maxRequestKwh: number;
  readonly minV2xRequestKwh: number;
  readonly maxV2xRequestKwh: number;
}

type Sampler = (snapshot: MeterSnapshot, style: PowerStyle) => Omit<SampledValue, 'measurand'> | undefined;

const watt = (kw: number) => ({ value: Math.round(kw * 1000) + 0, unitOfMeasure: { unit: 'W' } });
const wattHour = (wh: number) => ({ value: Math.round(wh) + 0, unitOfMeasure: { unit: 'Wh' } });
const request = (kwh: number) => ({ ...wattHour(kwh * 1000), location: 'EV' as const });

const SAMPLERS: { readonly [measurand: string]: Sampler } = {
  'Energy.Active.Import.Register': ({ importWh }) => wattHour(importWh),
  'Energy.Active.Export.Register': ({ exportWh }) => wattHour(exportWh),
  'Power.Active.Import': ({ powerKw }, style) =>
    watt(style === 'negative-import' ? powerKw : Math.max(0, powerKw)),
  'Power.Active.Export': ({ powerKw }, style) =>
    style === 'negative-import' ? undefined : watt(Math.max(0, -powerKw)),
  'Power.Active.Setpoint': ({ setpointKw }) => (setpointKw === undefined ? undefined : watt(setpointKw)),
  'Power.Active.Residual': ({ setpointKw, powerKw }) =>
    setpointKw === undefined ? undefined : watt(residualKw(powerKw, setpointKw)),
  // Whole percents, rounded down: the resolution of PresentSOC in ISO 15118.
  SoC: ({ socFraction }) => ({
    value: Math.floor(socFraction * 100 + 1e-9),
    location: 'EV',
    unitOfMeasure: { unit: 'Percent' },
  }),
  'EnergyRequest.Target': ({ targetRequestKwh }) => request(targetRequestKwh),
  'EnergyRequest.Minimum': ({ minRequestKwh }) => request(minRequestKwh),
  'EnergyRequest.Maximum': ({ maxRequestKwh }) => request(maxRequestKwh),
  'EnergyRequest.Minimum.V2X': ({ minV2xRequestKwh }) => request(minV2xRequestKwh),
  'EnergyRequest.Maximum.V2X': ({ maxV2xRequestKwh }) => request(maxV2xRequestKwh),
};

/** Import − setpoint while charging is asked, export + setpoint while discharging is (ocpp: section 4). */
function residualKw(powerKw: number, setpointKw: number): number {
  return setpointKw >= 0 ? Math.max(0, powerKw) - setpointKw : Math.max(0, -powerKw) + setpointKw;
}

/** Measurands that the simulated meters know. */
export const KNOWN_MEASURANDS: readonly string[] = Object.keys(SAMPLERS);

/** One MeterValue with the asked measurands, in the order asked; `undefined` if none of them has a value. */
export function meterValueOf(
  snapshot: MeterSnapshot,
  measurands: readonly string[],
  context: ReadingContext,
  style: PowerStyle,
): MeterValue | undefined {
  const sampledValue = measurands.flatMap((measurand): SampledValue[] => {
    const sample = SAMPLERS[measurand]?.(snapshot, style);
    return sample ? [{ ...sample, measurand, context }] : [];
  });
  return sampledValue.length === 0 ? undefined : { timestamp: snapshot.timestamp, sampledValue };
}
