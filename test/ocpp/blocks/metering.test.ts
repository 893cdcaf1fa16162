import { describe, expect, it } from 'vitest';
import {
  contextOf,
  directPower,
  intervalOf,
  readingsOf,
  registerOf,
  socOf,
} from '../../../src/ocpp/blocks/metering.js';
import {
  atOneLocation,
  normaliseSample,
  phaseTotal,
  type Sample,
} from '../../../src/ocpp/blocks/sampled-value.js';
import type { MeterValue, SampledValue } from '../../../src/ocpp/wire/transaction-messages.js';

const AT = '2026-03-14T18:05:00Z';
const AT_MS = Date.UTC(2026, 2, 14, 18, 5);

const one = (...sampledValue: SampledValue[]): MeterValue[] => [{ timestamp: AT, sampledValue }];
const watts = (measurand: string, value: number, more: Partial<SampledValue> = {}): SampledValue => ({
  measurand,
  value,
  unitOfMeasure: { unit: 'W' },
  ...more,
});
const reading = (...samples: SampledValue[]) => readingsOf(one(...samples))[0];

describe('units', () => {
  it.each([
    [{ value: 1204.33, unitOfMeasure: { unit: 'kWh' } }, 1_204_330],
    [{ value: 12, unitOfMeasure: { unit: 'Wh', multiplier: 3 } }, 12_000],
    [{ value: 2, unitOfMeasure: { unit: 'MWh' } }, 2_000_000],
    [{ value: 500 }, 500],
  ])('a register of %j is %d Wh, and a missing measurand means the import register', (sampled, wh) => {
    expect(normaliseSample(sampled)).toMatchObject({
      measurand: 'Energy.Active.Import.Register',
      location: 'Outlet',
      context: 'Sample.Periodic',
    });
    expect(reading(sampled)?.importRegisterWh).toBeCloseTo(wh, 9);
  });

  it('takes a power without unit as W and one in kW as thousand', () => {
    expect(reading({ measurand: 'Power.Active.Import', value: 7000 })).toMatchObject({ importKw: 7 });
    expect(reading(watts('Power.Active.Import', 7, { unitOfMeasure: { unit: 'kW' } }))).toMatchObject({
      importKw: 7,
    });
  });

  it('drops a value whose unit does not fit, or that is no finite number', () => {
    expect(reading(watts('Power.Active.Import', 7, { unitOfMeasure: { unit: 'A' } }))).toBeUndefined();
    expect(
      reading(watts('Power.Active.Import', 7, { unitOfMeasure: { unit: 'W', multiplier: 400 } })),
    ).toBeUndefined();
  });

  it('leaves out what is not used: voltage, frequency, setpoint', () => {
    expect(readingsOf(one({ measurand: 'Voltage', value: 230, unitOfMeasure: { unit: 'V' } }))).toEqual([]);
    expect(readingsOf(one(watts('Power.Active.Setpoint', 11000)))).toEqual([]);
  });
});

describe('phases and locations', () => {
  it('sums L1 to L3 of one instant', () => {
    expect(
      reading(
        watts('Power.Active.Import', 3600, { phase: 'L1' }),
        watts('Power.Active.Import', 3700, { phase: 'L2' }),
        watts('Power.Active.Import', 3700, { phase: 'L3' }),
      ),
    ).toEqual({ atMs: AT_MS, context: 'periodic', importKw: 11 });
  });

  it('takes L1-N as L1, once, and ignores line-to-line and neutral values', () => {
    expect(
      phaseTotal([
        { measurand: 'x', value: 10, context: 'Other', location: 'Outlet', phase: 'L1' },
        { measurand: 'x', value: 10, context: 'Other', location: 'Outlet', phase: 'L1-N' },
        { measurand: 'x', value: 99, context: 'Other', location: 'Outlet', phase: 'L1-L2' },
        { measurand: 'x', value: 99, context: 'Other', location: 'Outlet', phase: 'N' },
      ]),
    ).toBe(10);
  });

  it('lets the value without phase win over the phases', () => {
    expect(
      reading(
        watts('Power.Active.Import', 10_950),
        watts('Power.Active.Import', 3600, { phase: 'L1' }),
        watts('Power.Active.Import', 3700, { phase: 'L2' }),
      ),
    ).toMatchObject({ importKw: 10.95 });
  });

  it('never mixes locations: the outlet bills, the car and the grid side do not', () => {
    expect(
      reading(
        watts('Power.Active.Import', 7000),
        watts('Power.Active.Import', 6600, { location: 'EV' }),
        watts('Power.Active.Import', 7300, { location: 'Upstream' }),
        watts('Power.Active.Import', 7100, { location: 'Inlet' }),
      ),
    ).toMatchObject({ importKw: 7 });
    expect(reading(watts('Power.Active.Import', 7300, { location: 'Upstream' }))).toBeUndefined();
    expect(reading(watts('Power.Active.Import', 7100, { location: 'Inlet' }))).toMatchObject({
      importKw: 7.1,
    });
  });
});

describe('direction of power', () => {
  it.each([
    ['import alone', 7000, undefined, { importW: 7000, remarks: [] }],
    ['export alone', undefined, 9930, { exportW: 9930, remarks: [] }],
    ['the standard pair', 0, 9930, { importW: 0, exportW: 9930, remarks: [] }],
    [
      'a negative import without an export sample is export',
      -9930,
      undefined,
      { importW: 0, exportW: 9930, remarks: ['negative-import'] },
    ],
    [
      'a negative import beside its export is said twice: remarked, counted once',
      -9930,
      9930,
      { importW: 0, exportW: 9930, remarks: ['import-and-export-contradict'] },
    ],
    [
      'a negative import beside an export of 0 is export, remarked',
      -9930,
      0,
      { importW: 0, exportW: 9930, remarks: ['import-and-export-contradict'] },
    ],
    [
      'import and export at once are kept and remarked',
      500,
      300,
      { importW: 500, exportW: 300, remarks: ['import-and-export-contradict'] },
    ],
    [
      'a negative export counts as a magnitude, remarked',
      0,
      -300,
      { importW: 0, exportW: 300, remarks: ['import-and-export-contradict'] },
    ],
    ['nothing', undefined, undefined, { remarks: [] }],
  ] as const)('%s', (_title, importW, exportW, expected) => {
    expect(directPower(importW, exportW)).toEqual(expected);
  });

  it('reads EVerest: negative import power with an export register beside it', () => {
    expect(
      reading(
        watts('Power.Active.Import', -9930),
        watts('Energy.Active.Export.Register', 321_369, { unitOfMeasure: { unit: 'Wh' } }),
      ),
    ).toEqual({
      atMs: AT_MS,
      context: 'periodic',
      importKw: 0,
      exportKw: 9.93,
      exportRegisterWh: 321_369,
      remarks: ['negative-import'],
    });
  });
});

describe('registers, state of charge, context', () => {
  it('leaves out a negative register and says so', () => {
    expect(reading({ value: -5 })).toEqual({
      atMs: AT_MS,
      context: 'periodic',
      remarks: ['negative-register'],
    });
  });

  it('prefers the car’s own state of charge and drops what is no percentage', () => {
    const soc = (value: number, more: Partial<SampledValue> = {}): SampledValue => ({
      measurand: 'SoC',
      value,
      unitOfMeasure: { unit: 'Percent' },
      ...more,
    });
    expect(reading(soc(62, { location: 'EV' }), soc(60))).toMatchObject({ socFraction: 0.62 });
    expect(reading(soc(60))).toMatchObject({ socFraction: 0.6 });
    expect(reading(soc(255))).toBeUndefined();
  });

  it('a missing value is absent, never 0', () => {
    expect(Object.keys(reading({ value: 5 }) ?? {})).toEqual(['atMs', 'context', 'importRegisterWh']);
  });

  it('gives one reading per instant in time order, over all meter values of the message', () => {
    const later = { timestamp: '2026-03-14T19:15:06.000Z' };
    const readings = readingsOf([
      { ...later, sampledValue: [{ value: 20, context: 'Transaction.End' }] },
      { timestamp: AT, sampledValue: [{ value: 10, context: 'Transaction.Begin' }] },
      {
        timestamp: '2026-03-14T20:15:06+01:00',
        sampledValue: [{ value: 3, measurand: 'Energy.Active.Export.Register', context: 'Transaction.End' }],
      },
    ]);
    expect(readings).toEqual([
      { atMs: AT_MS, context: 'begin', importRegisterWh: 10 },
      {
        atMs: Date.UTC(2026, 2, 14, 19, 15, 6),
        context: 'end',
        importRegisterWh: 20,
        exportRegisterWh: 3,
      },
    ]);
  });

  it('reads a leap second as the second before it', () => {
    const [leap] = readingsOf([{ timestamp: '2016-12-31T23:59:60Z', sampledValue: [{ value: 1 }] }]);
    expect(leap?.atMs).toBe(Date.UTC(2016, 11, 31, 23, 59, 59));
  });
});

describe('each rule alone', () => {
  const sample = (changes: Partial<Sample>): Sample => ({
    measurand: 'SoC',
    value: 1,
    context: 'Sample.Periodic',
    location: 'Outlet',
    ...changes,
  });

  it('the best location that has any sample counts: outlet, cable, body, inlet; never EV or upstream', () => {
    const all = (['EV', 'Upstream', 'Inlet', 'Body', 'Cable', 'Outlet'] as const).map((location) =>
      sample({ location }),
    );
    for (const [left, location] of [
      [6, 'Outlet'],
      [5, 'Cable'],
      [4, 'Body'],
      [3, 'Inlet'],
    ] as const) {
      expect(atOneLocation(all.slice(0, left)).map((one) => one.location)).toEqual([location]);
    }
    expect(atOneLocation(all.slice(0, 2))).toEqual([]);
  });

  it('a negative standing and a negative interval are left out and said', () => {
    expect([registerOf(undefined), registerOf(0), registerOf(-1)]).toEqual([
      { remarks: [] },
      { wh: 0, remarks: [] },
      { remarks: ['negative-register'] },
    ]);
    expect([intervalOf(undefined), intervalOf(9), intervalOf(-9)]).toEqual([
      { remarks: [] },
      { wh: 9, remarks: [] },
      { remarks: ['negative-interval'] },
    ]);
  });

  it('the newest state of charge of the car counts, then of whoever else', () => {
    const soc = (value: number, location: Sample['location']) => sample({ value, location });
    expect(socOf([soc(62, 'EV'), soc(63, 'EV'), soc(60, 'Outlet')])).toBe(0.63);
    expect(socOf([soc(-1, 'EV'), soc(60, 'Outlet')])).toBe(0.6);
    expect(socOf([])).toBeUndefined();
  });

  it('begin and end outrank every other context of their instant', () => {
    const of = (...contexts: Sample['context'][]) =>
      contextOf(contexts.map((context) => sample({ context })));
    expect(of('Sample.Periodic', 'Transaction.Begin', 'Transaction.End')).toBe('begin');
    expect(of('Sample.Clock', 'Transaction.End')).toBe('end');
    expect(of('Sample.Periodic', 'Sample.Clock')).toBe('clock');
    expect(of('Trigger')).toBe('other');
  });

  it('energies per interval are read in their unit, import and export apart', () => {
    expect(
      reading(
        { value: 0.8, measurand: 'Energy.Active.Import.Interval', unitOfMeasure: { unit: 'kWh' } },
        { value: -3, measurand: 'Energy.Active.Export.Interval' },
      ),
    ).toEqual({ atMs: AT_MS, context: 'periodic', importIntervalWh: 800, remarks: ['negative-interval'] });
  });
});
