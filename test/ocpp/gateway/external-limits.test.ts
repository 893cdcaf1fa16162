import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { exchange, GatewayBench, NOW_MS } from './gateway-bench.js';

let bench: GatewayBench;
let station: WebSocket;
beforeEach(async () => {
  bench = await new GatewayBench().start();
  station = await bench.connect('CS-1');
});
afterEach(() => bench.stop());

const tell = async (action: string, payload: object): Promise<string | undefined> => {
  const before = bench.events.log.length;
  expect(await exchange(station, [2, 'n', action, payload])).toEqual([3, 'n', {}]);
  return bench.events.log.slice(before).at(-1);
};
const limitIn = (line: string | undefined) => JSON.parse(line!.slice('limit CS-1 '.length));

describe('limits that others set', () => {
  it('K12: reach the engine in kW, both directions apart, with the end of their schedule', async () => {
    const line = await tell('NotifyChargingLimit', {
      evseId: 1,
      chargingLimit: { chargingLimitSource: 'EMS', isGridCritical: true },
      chargingSchedule: [
        {
          id: 1,
          startSchedule: '2026-03-14T18:00:00Z',
          duration: 3600,
          chargingRateUnit: 'W',
          chargingSchedulePeriod: [
            { startPeriod: 0, limit: 4000, dischargeLimit: -2000 },
            { startPeriod: 1800, limit: 7000 },
          ],
        },
      ],
    });
    const startMs = Date.UTC(2026, 2, 14, 18);
    expect(limitIn(line)).toEqual({
      evseNumber: 1,
      source: 'EMS',
      isGridCritical: true,
      periods: [
        { startMs, maxChargeKw: 4, maxDischargeKw: 2 },
        { startMs: startMs + 1_800_000, maxChargeKw: 7 },
      ],
      endMs: startMs + 3_600_000,
    });
  });

  it('K12: without a start hold from now on, in A per phase too, for the whole station without an EVSE', async () => {
    const line = await tell('NotifyChargingLimit', {
      chargingLimit: { chargingLimitSource: 'SO' },
      chargingSchedule: [
        { id: 1, chargingRateUnit: 'A', chargingSchedulePeriod: [{ startPeriod: 0, limit: 10 }] },
      ],
    });
    expect(limitIn(line)).toMatchObject({
      evseNumber: 0,
      isGridCritical: false,
      periods: [{ startMs: NOW_MS, maxChargeKw: 6.9 }],
    });
  });

  it('K27: local generation caps nothing', async () => {
    const chargingLimit = { chargingLimitSource: 'EMS', isLocalGeneration: true };
    expect(await tell('NotifyChargingLimit', { chargingLimit })).toBeUndefined();
  });

  it('K13: are cleared by source and EVSE', async () => {
    expect(await tell('ClearedChargingLimit', { chargingLimitSource: 'EMS', evseId: 1 })).toBe(
      'cleared CS-1 1 EMS',
    );
    expect(await tell('ClearedChargingLimit', { chargingLimitSource: 'EMS' })).toBe('cleared CS-1 0 EMS');
  });

  it('K22: the driver’s wish to charge at once reaches the engine', async () => {
    expect(await tell('NotifyPriorityCharging', { transactionId: 'tx-1', activated: true })).toBe(
      'priority CS-1 tx-1 true',
    );
  });
});
