import { describe, expect, it } from 'vitest';
import { askCompositeSchedule } from '../../../src/ocpp/blocks/composite-schedule.js';
import type { AskStation } from '../../../src/ocpp/blocks/station-context.js';
import type {
  GetCompositeScheduleRequest,
  GetCompositeScheduleResponse,
} from '../../../src/ocpp/wire/smart-charging-messages.js';
import { EVSE } from '../../support/engine/fixtures.js';

type Answer =
  | { supported: true; response: GetCompositeScheduleResponse }
  | { supported: false; detail: string };

function asking(answer: Answer): { ask: AskStation; asked: GetCompositeScheduleRequest[] } {
  const asked: GetCompositeScheduleRequest[] = [];
  const ask = (async (_action: string, request: GetCompositeScheduleRequest) => {
    asked.push(request);
    return answer;
  }) as unknown as AskStation;
  return { ask, asked };
}
const schedule = (
  chargingRateUnit: 'W' | 'A',
  chargingSchedulePeriod: NonNullable<GetCompositeScheduleResponse['schedule']>['chargingSchedulePeriod'],
): Answer => ({
  supported: true,
  response: {
    status: 'Accepted',
    schedule: {
      evseId: 1,
      duration: 900,
      scheduleStart: '2026-01-20T12:00:00Z',
      chargingRateUnit,
      chargingSchedulePeriod,
    },
  },
});

describe('K08: the composite schedule of an EVSE', () => {
  it('is asked for in the unit that the EVSE takes, and read as signed kW', async () => {
    const { ask, asked } = asking(
      schedule('W', [
        { startPeriod: 600, operationMode: 'ChargingOnly', limit: 7000 },
        { startPeriod: 0, operationMode: 'CentralSetpoint', setpoint: -10_000, limit: 0 },
        { startPeriod: 300, operationMode: 'Idle', limit: 9000 },
      ]),
    );
    const answer = await askCompositeSchedule(ask, EVSE, 900, { rateUnits: ['A', 'W'] });
    expect(asked).toEqual([{ evseId: 1, duration: 900, chargingRateUnit: 'W' }]);
    expect(answer).toEqual({
      kind: 'told',
      schedule: {
        durationS: 900,
        periods: [
          { afterS: 0, powerKw: -10 },
          { afterS: 300, powerKw: 0 },
          { afterS: 600, powerKw: 7 },
        ],
      },
    });
  });

  it('in amperes counts three phases, and a limit below zero is discharge', async () => {
    const { ask } = asking(schedule('A', [{ startPeriod: 0, limit: -10 }]));
    const answer = await askCompositeSchedule(ask, EVSE, 900, { rateUnits: ['A'] });
    expect(answer).toMatchObject({ schedule: { periods: [{ powerKw: -6.9 }] } });
  });

  it('that is refused, left out or not known is not told, with the reason', async () => {
    const detailOf = async (answer: Answer) =>
      askCompositeSchedule(asking(answer).ask, EVSE, 900, { rateUnits: ['W'] });
    expect(await detailOf({ supported: false, detail: 'NotImplemented' })).toEqual({
      kind: 'not-told',
      detail: 'NotImplemented',
    });
    const statusInfo = { reasonCode: 'UnsupportedRequest', additionalInfo: 'not now' };
    expect(await detailOf({ supported: true, response: { status: 'Rejected', statusInfo } })).toEqual({
      kind: 'not-told',
      detail: 'UnsupportedRequest: not now',
    });
    expect(await detailOf({ supported: true, response: { status: 'Accepted' } })).toEqual({
      kind: 'not-told',
      detail: 'Accepted without a schedule',
    });
  });
});
