import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { asStationId, asTransactionId } from '../../../src/domain/ids.js';
import type { StationCommand } from '../../../src/domain/station-command.js';
import { exchange, GatewayBench, NOW_MS } from './gateway-bench.js';

const A = asStationId('CS-1');
const TX = asTransactionId('tx-1');
let bench: GatewayBench;
let asked: [string, object][];
let answer: object;

beforeEach(async () => {
  bench = await new GatewayBench().start({ limits: { callTimeoutMs: 500 } });
  const station = await bench.connect(A);
  asked = [];
  answer = { status: 'Accepted' };
  station.on('message', (data) => {
    const [type, id, action, payload] = JSON.parse(String(data));
    if (type !== 2) return;
    asked.push([action, payload]);
    const { code } = answer as { code?: string };
    station.send(JSON.stringify(code ? [4, id, code, '', {}] : [3, id, answer]));
  });
});
afterEach(() => bench.stop());

const send = (command: StationCommand) => bench.gateway.link.command(A, command);

const CASES: readonly [string, StationCommand, string, object][] = [
  [
    'F06',
    { kind: 'trigger-message', message: 'TransactionEvent', evseNumber: 1 },
    'TriggerMessage',
    { requestedMessage: 'TransactionEvent', evse: { id: 1 } },
  ],
  ['B11', { kind: 'reset', resetType: 'OnIdle' }, 'Reset', { type: 'OnIdle' }],
  [
    'G03',
    { kind: 'change-availability', isOperative: false, evseNumber: 2 },
    'ChangeAvailability',
    { operationalStatus: 'Inoperative', evse: { id: 2 } },
  ],
  [
    'F01',
    { kind: 'start-transaction', evseNumber: 1, idToken: 'fleet' },
    'RequestStartTransaction',
    { evseId: 1, remoteStartId: NOW_MS % 2 ** 31, idToken: { idToken: 'fleet', type: 'Central' } },
  ],
  ['F03', { kind: 'stop-transaction', transactionId: TX }, 'RequestStopTransaction', { transactionId: TX }],
  [
    'AFRR',
    { kind: 'afrr-signal', signal: -40 },
    'AFRRSignal',
    { signal: -40, timestamp: '2026-03-14T17:55:02.118Z' },
  ],
  [
    'Q02',
    { kind: 'allow-energy-transfer', transactionId: TX, modes: ['DC'] },
    'NotifyAllowedEnergyTransfer',
    { transactionId: TX, allowedEnergyTransfer: ['DC'] },
  ],
  [
    'K21',
    { kind: 'use-priority-charging', transactionId: TX, isActive: true },
    'UsePriorityCharging',
    { transactionId: TX, activate: true },
  ],
  [
    'R04 LimitMaxDischarge',
    { kind: 'limit-max-discharge', controlId: 'cap-1', percent: 40, durationS: 900 },
    'SetDERControl',
    {
      isDefault: false,
      controlId: 'cap-1',
      controlType: 'LimitMaxDischarge',
      limitMaxDischarge: {
        ...{ priority: 0, pctMaxDischargePower: 40, duration: 900 },
        startTime: '2026-03-14T17:55:02.118Z',
      },
    },
  ],
  [
    'R04 clear',
    { kind: 'clear-der-control', controlId: 'cap-1' },
    'ClearDERControl',
    { isDefault: false, controlId: 'cap-1' },
  ],
  ['R04 read', { kind: 'read-der-controls' }, 'GetDERControl', { requestId: NOW_MS % 2 ** 31 }],
  [
    'N14',
    { kind: 'adjust-stream', streamId: 3, sendS: 5, samples: 5 },
    'AdjustPeriodicEventStream',
    { id: 3, params: { interval: 5, values: 5 } },
  ],
  [
    'Q08',
    {
      ...{ kind: 'frequency-response', transactionId: TX, evseNumber: 1, baselineKw: -2, durationS: 600 },
      frequencyCurve: [
        { frequencyHz: 49.8, powerKw: -5 },
        { frequencyHz: 50.2, powerKw: 5 },
      ],
      signalCurve: [
        { signal: -100, powerKw: -8 },
        { signal: 100, powerKw: 8 },
      ],
    },
    'SetChargingProfile',
    {
      evseId: 1,
      chargingProfile: {
        ...{ id: 1_500_000_001, stackLevel: 2, chargingProfilePurpose: 'TxProfile' },
        ...{ chargingProfileKind: 'Absolute', transactionId: TX, maxOfflineDuration: 600 },
        validTo: '2026-03-14T18:05:02.118Z',
        chargingSchedule: [
          {
            ...{ id: 1, startSchedule: '2026-03-14T17:55:02.118Z', duration: 600, chargingRateUnit: 'W' },
            chargingSchedulePeriod: [
              {
                ...{ startPeriod: 0, operationMode: 'LocalFrequency', v2xBaseline: -2000 },
                v2xFreqWattCurve: [
                  { frequency: 49.8, power: -5000 },
                  { frequency: 50.2, power: 5000 },
                ],
                v2xSignalWattCurve: [
                  { signal: -100, power: -8000 },
                  { signal: 100, power: 8000 },
                ],
              },
            ],
          },
        ],
      },
    },
  ],
];

describe('commands by hand', () => {
  it.each(CASES)('%s: %o goes out as its message', async (_, command, action, payload) => {
    expect(await send(command)).toEqual({ status: 'Accepted' });
    expect(asked).toEqual([[action, payload]]);
  });

  it('I02: a cost may be negative; its answer has no status', async () => {
    answer = {};
    expect(await send({ kind: 'cost-updated', transactionId: TX, totalCost: -1.2 })).toEqual({
      status: 'Accepted',
    });
    expect(asked).toEqual([['CostUpdated', { transactionId: TX, totalCost: -1.2 }]]);
  });

  it('bring back the station’s word and its reason, also that it does not know the message', async () => {
    answer = {
      status: 'Rejected',
      statusInfo: { reasonCode: 'NoSignalWattCurve', additionalInfo: 'EVSE 1' },
    };
    const signal = { kind: 'afrr-signal', signal: 1 } as const;
    expect(await send(signal)).toEqual({ status: 'Rejected', reason: 'NoSignalWattCurve: EVSE 1' });
    answer = { code: 'NotImplemented' };
    expect(await send(signal)).toEqual({ status: 'NotSupported', reason: 'NotImplemented' });
  });

  it('E14: asks whether events of a transaction wait', async () => {
    const { link } = bench.gateway;
    answer = { messagesInQueue: true };
    expect(await link.transactionStatus(A, TX)).toBe('events-waiting');
    answer = { messagesInQueue: false, ongoingIndicator: false };
    expect(await link.transactionStatus(A, TX)).toBe('no-events-waiting');
    answer = { code: 'NotSupported' };
    expect(await link.transactionStatus(A, TX)).toBe('not-supported');
  });
});

it('a payment terminal’s settlement is answered and logged', async () => {
  const terminal = await bench.connect('CS-2');
  const payload = {
    pspRef: 'psp-77-0001',
    status: 'Settled',
    settlementAmount: 1.2,
    settlementTime: '2026-03-14T19:20:00Z',
  };
  expect(await exchange(terminal, [2, 's', 'NotifySettlement', payload])).toEqual([3, 's', {}]);
  expect(bench.logged.map(({ message }) => message)).toContain('Payment terminal settled');
});
